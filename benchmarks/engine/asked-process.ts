import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Work = 'steps' | 'evaluations'
type Answer = { seconds: number; coreSeconds: number; peakBytes: number }

/** A process that does work when it is asked, and says how long that took. */
export type AskedProcess = { ask: (work: Work, count: number) => Promise<Answer>; close: () => void }

/** Starts a program that answers each line of its input with one line. @throws when it ends instead of answering */
export function startAsked(program: string, args: readonly string[]): AskedProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`${program} ${args[0]} ended with code ${code}`)))
  })
  // Whoever asks learns of it.
  failed.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ask: async (work, count) => {
      child.stdin.write(`${JSON.stringify({ work, count })}\n`)
      const line = await Promise.race([lines.next(), failed])
      return line.done ? failed : (JSON.parse(line.value) as Answer)
    },
    close: () => child.stdin.end(),
  }
}
