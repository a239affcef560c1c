import { createInterface } from 'node:readline/promises'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import { CliError } from './failure.ts'

/** A terminal, or what a test has in its place. */
export type Streams = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream }

export type Questions = {
  /** Shows lines. */
  tell: (text: string) => void
  /** Asks until `read` takes the answer; what it refuses is shown, with the fix. */
  ask: <T>(question: string, read: (answer: string) => T | Promise<T>) => Promise<T>
}

/**
 * Asks questions, one after another.
 *
 * @throws CliError when the answers end before the questions
 */
export async function withQuestions<T>(
  { input, output }: Streams,
  use: (questions: Questions) => Promise<T>,
): Promise<T> {
  const terminal = createInterface({ input, output })
  const ended = new AbortController()
  terminal.once('close', () => ended.abort())
  const tell = (text: string) => output.write(`${text}\n`)
  const answerTo = (question: string) =>
    terminal.question(`${question} `, { signal: ended.signal }).catch(() => {
      throw new CliError(
        'usage',
        `There was no answer to "${plainText(question, 200)}"`,
        'Give the answers as options: --help tells them.',
      )
    })
  const ask: Questions['ask'] = async (question, read) => {
    for (;;) {
      const answer = (await answerTo(question)).trim()
      try {
        return await read(answer)
      } catch (error) {
        if (!(error instanceof CliError)) throw error
        tell([error.message, error.fix].filter((part) => part !== undefined).join(' '))
      }
    }
  }
  try {
    return await use({ tell, ask })
  } finally {
    terminal.close()
  }
}
