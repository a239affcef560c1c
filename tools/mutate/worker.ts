import { readFileSync } from 'node:fs'
import type { Artifact } from '@nomicfoundation/edr'
import { type RunOptions, runSuites, suitesIn } from '../solidity/test-runner.ts'
import { REPORTING } from './mutants.ts'
import { OUT_OF_MEMORY } from './try-mutants.ts'

/** What a worker is asked: to run tests once for each number of a mutant. */
export interface Work {
  root: string
  /** File with the compiled artifacts, as JSON. */
  artifacts: string
  /** Test files, in the order to run them first. Who fails comes first with the next number: neighbours fail alike. */
  tests: string[]
  /** Tests that fail without a mutant, as `Suite.test`. */
  ignored: string[]
  /** Numbers of the mutants that a test file reaches: with others it isn't run. Files that aren't here reach all. */
  reached: Record<string, number[]>
  /** Most gas that a file's tests used without a mutant; unknown of files that aren't here. */
  gas: Record<string, number>
  numbers: number[]
  options: Omit<RunOptions, 'coinbase' | 'onHits' | 'gasLimit'>
}

/** Which tests failed with a mutant; it stops at the first file with one. */
export interface Answer {
  number: number
  failed: string[]
  /** Of the number that reports: as in {@link Work}. */
  reached: Record<string, number[]>
  /** Without a mutant: as in {@link Work}. */
  gas: Record<string, number>
}

/** Gas of a test: enough for the longest, and little enough that what never ends ends soon. */
const MOST_GAS = 3_000_000_000
/** A test gets so many times the gas that it needs without a mutant, or this much. */
const SPARE_GAS = { times: 4, least: 30_000_000 }

/** A test that fails is run again with a trace of each step, which can be more than there is memory. */
const MOST_BYTES = 2_500_000_000

/** A process that runs tests with one mutant after the other. It is ended from outside if one hangs. */
process.once('message', async (work: Work) => {
  setInterval(() => {
    if (process.memoryUsage.rss() > MOST_BYTES) process.exit(OUT_OF_MEMORY)
  }, 100)
  const artifacts = JSON.parse(readFileSync(work.artifacts, 'utf8')) as Artifact[]
  for (const number of work.numbers) {
    const answer = await answerOf(work, artifacts, number)
    await new Promise<void>((sent) => process.send!(answer, () => sent()))
  }
  process.exit(0)
})

async function answerOf(work: Work, artifacts: Artifact[], number: number): Promise<Answer> {
  const answer: Answer = { number, failed: [], reached: {}, gas: {} }
  const isMutant = number !== 0 && number !== REPORTING
  for (const file of work.tests) {
    if (isMutant && work.reached[file]?.includes(number) === false) continue
    const { failed, hits, gas } = await runFile(work, artifacts, file, number)
    answer.failed.push(...failed)
    // A test that fails because it reports ends too early to report all.
    if (number === REPORTING && failed.length === 0) answer.reached[file] = [...hits]
    if (number === 0 && gas !== undefined && (await isEnough(work, artifacts, file, gas, failed.length)))
      answer.gas[file] = gas
    if (!isMutant || failed.length === 0) continue
    work.tests.unshift(...work.tests.splice(work.tests.indexOf(file), 1))
    break
  }
  return answer
}

/** Whether tests also pass with the gas that mutants get by this: a `setUp` can need more. */
async function isEnough(work: Work, artifacts: Artifact[], file: string, gas: number, failures: number) {
  const { failed } = await runFile({ ...work, gas: { [file]: gas } }, artifacts, file, 0)
  return failed.length === failures
}

async function runFile(work: Work, artifacts: Artifact[], file: string, number: number) {
  const hits = new Set<number>()
  const onHits = (found: bigint[]) => {
    for (const hit of found) hits.add(Number(hit))
  }
  const results = await runSuites(work.root, artifacts, suitesIn(artifacts, file), {
    ...work.options,
    gasLimit: BigInt(number === REPORTING ? MOST_GAS : gasLimitOf(work.gas[file])),
    coinbase: BigInt(number),
    ...(number === REPORTING ? { onHits } : {}),
  })
  const failed = results.filter(({ passed }) => !passed).map(({ suite, test }) => `${suite}.${test}`)
  const gas = results.some((result) => result.gas === undefined)
    ? undefined
    : Math.max(0, ...results.map((result) => Number(result.gas)))
  return { failed: failed.filter((test) => !work.ignored.includes(test)), hits, gas }
}

function gasLimitOf(used: number | undefined): number {
  if (used === undefined) return MOST_GAS
  return Math.min(MOST_GAS, Math.max(SPARE_GAS.least, SPARE_GAS.times * used))
}
