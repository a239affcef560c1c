/** Many runs, one after the other: each result is a line of a file, and a run that stands there isn't played again. */
import { readFile } from 'node:fs/promises'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { ATTACKS } from '../attacks/registry.ts'
import { DATASETS } from '../datasets/registry.ts'
import { RULES } from '../rules/registry.ts'
import { cleanTwin, type Run } from './run.ts'
import { type Clean, type RunResult, runLab } from './run-lab.ts'

const FULL_FRACTION = 0.2
const FRACTIONS = [0.05, 0.1, 0.3, 0.4]
const OTHER_PARTITIONS = ['iid', 'dirichlet:0.1']
const SWEEP_SEEDS = 3
const MOST_SEEDS = 100

/** All attacks at 20 %, seed after seed, by default at Dirichlet 0.5: as many seeds as there is time for. */
export function fullRuns(base: Run): Run[] {
  return seedsFrom(base.seed, MOST_SEEDS).flatMap((seed) =>
    ATTACKS.map(({ name }) => ({
      ...base,
      seed,
      attack: name,
      fraction: name === 'none' ? 0 : FULL_FRACTION,
    })),
  )
}

/** The attacks at other shares, on other partitions and data, against other rules. */
export function sweepRuns(base: Run): Run[] {
  const of = (change: Partial<Run>) =>
    seedsFrom(base.seed, SWEEP_SEEDS).flatMap((seed) =>
      ATTACKS.map(({ name }) => {
        const run = { ...base, fraction: FULL_FRACTION, ...change, seed, attack: name }
        return name === 'none' ? { ...run, fraction: 0 } : run
      }),
    )
  return [
    ...FRACTIONS.flatMap((fraction) => of({ fraction })),
    ...OTHER_PARTITIONS.flatMap((partition) => of({ partition })),
    ...DATASETS.slice(1).flatMap(({ name: dataset }) => of({ dataset })),
    ...RULES.slice(1).flatMap(({ name: rule }) => of({ rule })),
  ]
}

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

/**
 * Plays the runs that the file lacks, and adds a line for each. Clean twins are played once each.
 *
 * @param isOver asked before each run
 * @throws Error for a file of something else
 */
export async function playSeries(
  runs: readonly Run[],
  file: string,
  { isOver, onResult }: { isOver: () => boolean; onResult: (result: RunResult) => void },
): Promise<void> {
  const known = await readResults(file)
  const play = async (run: Run): Promise<RunResult> => {
    const before = known.get(keyOf(run))
    if (before !== undefined) return before
    const clean = run.attack === 'none' ? undefined : cleanOf(await play(cleanTwin(run)))
    const result = await runLab(run, { known: clean })
    known.set(keyOf(run), result)
    await writeWholeFile(file, [...known.values()].map((one) => `${JSON.stringify(one)}\n`).join(''))
    onResult(result)
    return result
  }
  for (const run of runs) {
    if (isOver()) return
    await play(run)
  }
}

const cleanOf = ({ accuracy, backdoorSuccess, pay }: RunResult): Clean => ({ accuracy, backdoorSuccess, pay })

/** The results in a file, by what was run. */
async function readResults(file: string): Promise<Map<string, RunResult>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n').filter((line) => line !== '')
  const results = lines.map((line, i) => parsed(line, `${file}, line ${i + 1}`))
  return new Map(results.map((result) => [keyOf(result), result]))
}

function parsed(line: string, place: string): RunResult {
  try {
    return JSON.parse(line) as RunResult
  } catch {
    throw new Error(`${place}, holds no result of the lab: name another file with --results`)
  }
}

function keyOf(run: Run): string {
  const { attack, fraction, partition, dataset, rule, contributors, rounds, steps, windows, seed } = run
  const { auditAll, nearCopies } = run
  const people = { attack, fraction, contributors, rule }
  return JSON.stringify({ ...people, partition, dataset, rounds, steps, windows, seed, auditAll, nearCopies })
}
