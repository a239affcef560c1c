import { createInterface, type Interface } from 'node:readline'
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
 * Asks questions, one after another. An answer that is there before its question is kept for it.
 *
 * @throws CliError when the answers end before the questions
 */
export async function withQuestions<T>(
  { input, output }: Streams,
  use: (questions: Questions) => Promise<T>,
): Promise<T> {
  const terminal = createInterface({ input, output })
  const answerTo = answersOn(terminal, output)
  const tell = (text: string) => output.write(`${text}\n`)
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

/** One reader for all questions: it queues lines from now on, whether or not somebody waits for them. */
function answersOn(terminal: Interface, output: Streams['output']): (question: string) => Promise<string> {
  const lines = terminal[Symbol.asyncIterator]()
  let isOpen = true
  terminal.once('close', () => {
    isOpen = false
  })
  return async (question) => {
    if (isOpen) {
      terminal.setPrompt(`${question} `)
      terminal.prompt(true)
    } else output.write(`${question} `)
    const line = await lines.next()
    if (!line.done) return line.value
    throw new CliError(
      'usage',
      `There was no answer to "${plainText(question, 200)}"`,
      'Give the answers as options: --help tells them.',
    )
  }
}
