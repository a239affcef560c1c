import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { digestOf, readTestSources } from '../../tools/solidity/sources.ts'
import { UsageError } from '../command/usage-error.ts'

/** Tests in which random calls meet a model: how many invariants each searches for, and the least calls of one run. */
const SEARCHES = [
  // 66 actions of at least six calls, which the test itself holds.
  { file: 'test/solidity/court/CourtInvariants.t.sol', invariants: 1, callsPerRun: 396 },
  { file: 'test/solidity/JuryInvariants.t.sol', invariants: 2, callsPerRun: 100 },
  { file: 'test/solidity/StakeRegistryInvariants.t.sol', invariants: 2, callsPerRun: 100 },
  { file: 'test/solidity/TasksInvariants.t.sol', invariants: 2, callsPerRun: 100 },
  { file: 'test/solidity/rounds/RoundsInvariants.t.sol', invariants: 1, callsPerRun: 100 },
]
const DEPTH = 100
const RUNS_PER_SEED = 256
const ROOT = join(import.meta.dirname, '../..')

/** Random calls of one seed. */
export const CALLS_PER_SEED = SEARCHES.reduce(
  (sum, { invariants, callsPerRun }) => sum + invariants * callsPerRun * RUNS_PER_SEED,
  0,
)

/** What a seed came to: in how many seconds, with how many calls, and of which sources. */
type SeedResult = { seconds: number; passed: boolean; calls?: number; sources?: string }

/** Results by seed, as they are kept between runs. */
export type Progress = Record<string, SeedResult>

/** The seeds that make so many calls, without those that passed before with as many calls of the same sources. */
export function seedsToRun(calls: number, firstSeed: number, done: Progress, sources: string): number[] {
  const count = Math.ceil(calls / CALLS_PER_SEED)
  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i)
  return seeds.filter((seed) => !counts(done[seed], sources))
}

function counts(result: SeedResult | undefined, sources: string): boolean {
  return result?.passed === true && result.calls === CALLS_PER_SEED && result.sources === sources
}

/** What all seeds that passed with the same sources came to. */
export function totalOf(done: Progress, sources: string): string {
  const passed = Object.values(done).filter((result) => counts(result, sources))
  const seconds = passed.reduce((sum, result) => sum + result.seconds, 0)
  return `${passed.length * CALLS_PER_SEED} calls in ${passed.length} seeds and ${Math.round(seconds)} seconds`
}

/**
 * Runs the contracts' invariant tests with one seed after another until they made `calls` random calls. What passed is kept in
 * `contracts.json` of the folder: a run that was stopped goes on where it was, unless contracts or tests have changed.
 *
 * @returns how many seeds broke an invariant
 */
export async function contractCampaign(plan: {
  calls: number
  firstSeed: number
  out: string
}): Promise<number> {
  const file = join(plan.out, 'contracts.json')
  const progress = await readProgress(file)
  const sources = digestOfSources()
  const seeds = seedsToRun(plan.calls, plan.firstSeed, progress, sources)
  const total = Math.ceil(plan.calls / CALLS_PER_SEED)
  if (seeds.length < total) console.log(`${total - seeds.length} of ${total} seeds passed before`)
  let broken = 0
  for (const seed of seeds) {
    const result = await runSeed(seed, seed !== seeds[0])
    progress[seed] = { ...result, calls: CALLS_PER_SEED, sources }
    await writeWholeFile(file, `${JSON.stringify(progress, undefined, 2)}\n`)
    if (!result.passed) broken++
    const rate = Math.round(CALLS_PER_SEED / result.seconds)
    const left = seeds.length - seeds.indexOf(seed) - 1
    console.log(
      `seed ${seed}: ${result.passed ? 'kept' : 'BROKEN'}, ${rate} calls a second, ${left} seeds left`,
    )
  }
  console.log(totalOf(progress, sources))
  return broken
}

function digestOfSources(): string {
  const files = SEARCHES.map(({ file }) => file)
  return digestOf(readTestSources(ROOT, files, globSync('contracts/*.sol', { cwd: ROOT })))
}

async function readProgress(file: string): Promise<Progress> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return parseProgress(text, file)
}

/** @throws UsageError for a file that no campaign wrote */
export function parseProgress(text: string, file: string): Progress {
  const refuse = () =>
    new UsageError(`${file} is not what a campaign wrote: remove it, or give another folder with --out`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse()
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse()
  for (const [seed, result] of Object.entries(value))
    if (!/^\d+$/.test(seed) || typeof result?.passed !== 'boolean' || typeof result.seconds !== 'number')
      throw refuse()
  return value as Progress
}

/** @param isCompiled whether the tests were compiled for the seed before */
async function runSeed(seed: number, isCompiled: boolean): Promise<SeedResult> {
  const files = SEARCHES.map(({ file }) => file)
  const startedAt = performance.now()
  const hardhat = join(ROOT, 'node_modules/hardhat/dist/src/cli.js')
  const options = ['--grep', '^invariant', ...(isCompiled ? ['--no-compile'] : [])]
  const tests = spawn(process.execPath, [hardhat, 'test', 'solidity', ...files, ...options], {
    cwd: ROOT,
    env: {
      ...process.env,
      ASSAY_FUZZ_SEED: `0x${seed.toString(16)}`,
      ASSAY_INVARIANT_RUNS: String(RUNS_PER_SEED),
      ASSAY_INVARIANT_DEPTH: String(DEPTH),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => tests.kill('SIGTERM')
  process.once('exit', stop)
  let said = ''
  for (const stream of [tests.stdout, tests.stderr]) stream.on('data', (part) => (said += part))
  const code = await new Promise<number | null>((ended) => tests.once('close', ended))
  process.removeListener('exit', stop)
  const passed = code === 0
  if (!passed) console.log(said)
  return { seconds: (performance.now() - startedAt) / 1_000, passed }
}
