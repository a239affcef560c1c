import { readFileSync } from 'node:fs'
import type { Artifact } from '@nomicfoundation/edr'
import { type RunOptions, runSuites, suitesIn } from '../solidity/test-runner.ts'

/** What a worker is asked: to run tests once for each number of a mutant. */
export interface Work {
  root: string
  /** File with the compiled artifacts, as JSON. */
  artifacts: string
  /** Test files, in the order to run them first. Who fails comes first with the next number: neighbours fail alike. */
  tests: string[]
  /** Tests that fail without a mutant, as `Suite.test`. */
  ignored: string[]
  numbers: number[]
  options: Omit<RunOptions, 'coinbase' | 'onHits' | 'gasLimit'>
}

/** Which tests failed with a mutant; it stops at the first file with one. */
export interface Answer {
  number: number
  failed: string[]
}

/** Gas of a test: enough for the longest, and little enough that what never ends ends soon. */
const GAS_LIMIT = 3_000_000_000n

/** A process that runs tests with one mutant after the other. It is ended from outside if one hangs. */
process.once('message', async (work: Work) => {
  const artifacts = JSON.parse(readFileSync(work.artifacts, 'utf8')) as Artifact[]
  for (const number of work.numbers) {
    const failed = await failuresWith(work, artifacts, number)
    await new Promise<void>((sent) => process.send!({ number, failed } satisfies Answer, () => sent()))
  }
  process.exit(0)
})

async function failuresWith(work: Work, artifacts: Artifact[], number: number): Promise<string[]> {
  const failed: string[] = []
  for (const file of work.tests) {
    const suites = suitesIn(artifacts, file)
    const options = { ...work.options, gasLimit: GAS_LIMIT, coinbase: BigInt(number) }
    for (const { suite, test, passed } of await runSuites(work.root, artifacts, suites, options))
      if (!passed && !work.ignored.includes(`${suite}.${test}`)) failed.push(`${suite}.${test}`)
    // Without a mutant every failure counts.
    if (number === 0 || failed.length === 0) continue
    work.tests.unshift(...work.tests.splice(work.tests.indexOf(file), 1))
    break
  }
  return failed
}
