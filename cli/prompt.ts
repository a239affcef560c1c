import { createInterface } from 'node:readline/promises'

/** Asks a yes-or-no question on the terminal. Anything but yes counts as no. */
export async function askYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

/** Asks for a line that the terminal doesn't show. */
export function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process
  stdin.setRawMode(true)
  stdin.resume()
  stderr.write(question)
  return new Promise((answered) => {
    let typed = ''
    const finish = () => {
      stdin.off('data', read)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const read = (part: Buffer) => {
      for (const key of part.toString()) {
        if (key === '\r' || key === '\n') {
          finish()
          answered(typed)
          return
        }
        if (key === '\u0003') {
          finish()
          process.exit(130)
        }
        typed = key === '\u007f' ? typed.slice(0, -1) : typed + key
      }
    }
    stdin.on('data', read)
  })
}
