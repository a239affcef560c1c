import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Answer, Work } from './worker.ts'

/** A mutant whose tests take longer than that hangs. Gas ends what runs in a loop long before, on the slowest machine too. */
const STALLED_SECONDS = 1_800

/**
 * Runs tests with one mutant after the other, in a process that is started again where one hangs.
 *
 * @param work the numbers to try among it
 * @param onAnswer gets the failed tests of each number, or nothing if it hung
 * @throws if the process ends without a word, with its exit code
 */
export async function tryMutants(
  work: Work,
  onAnswer: (number: number, failed: string[] | undefined) => void,
): Promise<void> {
  let waiting = work.numbers
  while (waiting.length > 0) {
    const answered = new Set<number>()
    const hung = await runWorker({ ...work, numbers: waiting }, ({ number, failed }) => {
      answered.add(number)
      onAnswer(number, failed)
    })
    waiting = waiting.filter((number) => !answered.has(number))
    if (hung) onAnswer(waiting.shift()!, undefined)
    else if (waiting.length > 0 && answered.size === 0) throw new Error('the tests ended without an answer')
  }
}

/** @returns whether it had to be ended */
function runWorker(work: Work, onAnswer: (answer: Answer) => void): Promise<boolean> {
  return new Promise((done) => {
    const worker = fork(join(import.meta.dirname, 'worker.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let isHung = false
    const end = () => {
      isHung = true
      worker.kill('SIGKILL')
    }
    let timer = setTimeout(end, STALLED_SECONDS * 1000)
    worker.on('message', (answer) => {
      clearTimeout(timer)
      timer = setTimeout(end, STALLED_SECONDS * 1000)
      onAnswer(answer as Answer)
    })
    worker.on('exit', () => {
      clearTimeout(timer)
      done(isHung)
    })
    worker.send(work)
  })
}
