import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Build } from './build.ts'
import { REPORTING, type Site } from './mutants.ts'
import type { Answer, Work } from './worker.ts'

/** A mutant whose tests take longer than that hangs. Gas ends what runs in a loop long before, on the slowest machine too. */
const STALLED_SECONDS = 1_800
/** The code with which a worker ends itself: with a mutant that loops until its gas ends. */
export const OUT_OF_MEMORY = 70

/**
 * Runs tests without a mutant, then with all of them reporting that they are reached, then with one after the other.
 *
 * @param onTried gets the failed tests of each mutant, or nothing if it hung
 */
export async function tryBuild(
  given: Pick<Work, 'root' | 'tests' | 'options'>,
  { artifacts, sites }: Build,
  onTried: (site: Site, failed: string[] | undefined) => void,
): Promise<void> {
  const work: Work = { ...given, artifacts, ignored: [], reached: {}, gas: {}, numbers: [] }
  await tryMutants({ ...work, numbers: [0] }, (_, answer) => {
    work.ignored.push(...(answer?.failed ?? []))
    Object.assign(work.gas, answer?.gas)
  })
  if (work.ignored.length > 0)
    console.error(`fail without a mutant too, and count for nothing: ${work.ignored.join(', ')}`)
  await tryMutants({ ...work, numbers: [REPORTING] }, (_, answer) =>
    Object.assign(work.reached, answer?.reached),
  )
  await tryMutants({ ...work, numbers: [...sites.keys()] }, (number, answer) =>
    onTried(sites.get(number)!, answer?.failed),
  )
}

/**
 * Runs tests with one mutant after the other, in a process that is started again where one hangs.
 *
 * @param work the numbers to try among it
 * @param onAnswer gets the answer for each number, or nothing if it hung
 * @throws if the process ends without a word, with its exit code
 */
export async function tryMutants(
  work: Work,
  onAnswer: (number: number, answer: Answer | undefined) => void,
): Promise<void> {
  let waiting = work.numbers
  while (waiting.length > 0) {
    const answered = new Set<number>()
    const hung = await runWorker({ ...work, numbers: waiting }, (answer) => {
      answered.add(answer.number)
      onAnswer(answer.number, answer)
    })
    waiting = waiting.filter((number) => !answered.has(number))
    if (hung) onAnswer(waiting.shift()!, undefined)
    else if (waiting.length > 0 && answered.size === 0) throw new Error('the tests ended without an answer')
  }
}

/** @returns whether it had to be ended, or ended itself for want of memory */
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
    worker.on('exit', (code) => {
      clearTimeout(timer)
      done(isHung || code === OUT_OF_MEMORY)
    })
    worker.send(work)
  })
}
