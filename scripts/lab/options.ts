import { ATTACKS } from '@assay/lab/attacks/registry.ts'
import { DATASETS } from '@assay/lab/datasets/registry.ts'
import { stepsOfWindow } from '@assay/lab/datasets/windows-of.ts'
import { RULES } from '@assay/lab/rules/registry.ts'
import { federationOptions, type Run } from '@assay/lab/runs/run.ts'
import { readArguments } from '../command/read-arguments.ts'
import { UsageError } from '../command/usage-error.ts'
import { wholeNumber } from '../command/whole-number.ts'

const LIMITS = {
  contributors: { least: 4, most: 256 },
  rounds: { least: 1, most: 200 },
  steps: { least: 6, most: 1_000 },
  windows: { least: 1, most: 64 },
  seed: { least: 0, most: 0xffff_ffff },
} as const

const MOST_FRACTION = 0.6
const MOST_REPLAYS = 100_000_000

/** What the lab does: one run, a series of them, or honest replays. */
export type LabMode = 'run' | 'quick' | 'full' | 'sweep' | 'replays'

export type LabOptions = {
  mode: LabMode
  run: Run
  jsonFile: string | undefined
  /** Where a series keeps its results. */
  resultsFile: string
  /** Honest steps to replay. */
  replays: number
}

const listOf = (all: readonly { name: string; description: string }[]) =>
  all.map(({ name, description }) => `    ${name.padEnd(18)}${description}`).join('\n')

export const LAB_USAGE = `npm run lab -- [options]

Plays a federation without a chain: contributors train, commit, open and show evidence, seats judge with the oracle's own stages,
the contracts' twins settle, the engine aggregates. Some contributors attack. The same options give the same figures, CPU seconds
apart. A run without attackers (same seed, people, samples and draws) is played beside it.

  --attack NAME       what attackers do (default none)
  --fraction F        share of those who attack, of contributors or of validators (default 0.2, 0…${MOST_FRACTION})
  --partition P       iid or dirichlet:ALPHA (default dirichlet:0.5)
  --dataset NAME      what is learnt (default digits)
  --rule NAME         how updates become the next model (default ours); with another one nobody is judged or paid
  --contributors N    contributors, attackers included (default 20, ${LIMITS.contributors.least}…${LIMITS.contributors.most})
  --rounds N          rounds (default 20, ${LIMITS.rounds.least}…${LIMITS.rounds.most})
  --steps N           training steps of a round (default 60, ${LIMITS.steps.least}…${LIMITS.steps.most})
  --windows N         windows replayed of an audited update (default 6, ${LIMITS.windows.least}…${LIMITS.windows.most}); with fewer a run is faster, and
                      what was never trained is found less often
  --seed N            everything random follows from it (default 1)
  --audit-all         all updates are audited in every round, as newcomers' are: what the seats would say of each
  --near-copies       seats also look for near copies of the held-out pool among the samples that they are shown. That takes as
                      long as all the rest, and finds nothing unless somebody has the pool; exact copies are always found
  --json FILE         writes the results there, round by round
  --quick             some attacks on a small federation, and which bars they meet; fails where one isn't met that was
  --full              all attacks at 20 %, seed after seed, for 90 minutes at most; a line in the results for each run
  --sweep             other shares, partitions and data, as long as it takes. Both go on where they were interrupted
  --results FILE      where a series keeps its results (default lab-results.jsonl)
  --replays N         trains, shows and replays N honest steps instead, and counts the replays that end elsewhere
  --help              this text

Attacks:
${listOf(ATTACKS)}

Datasets:
${listOf(DATASETS)}

Rules:
${listOf(RULES)}

Example: npm run lab -- --attack sign-flip --fraction 0.3 --rounds 10 --seed 7`

const OPTIONS = {
  attack: { type: 'string', default: 'none' },
  fraction: { type: 'string', default: '0.2' },
  partition: { type: 'string', default: 'dirichlet:0.5' },
  dataset: { type: 'string', default: 'digits' },
  rule: { type: 'string', default: 'ours' },
  contributors: { type: 'string', default: '20' },
  rounds: { type: 'string', default: '20' },
  steps: { type: 'string', default: '60' },
  windows: { type: 'string', default: '6' },
  seed: { type: 'string', default: '1' },
  'audit-all': { type: 'boolean', default: false },
  'near-copies': { type: 'boolean', default: false },
  json: { type: 'string' },
  quick: { type: 'boolean', default: false },
  full: { type: 'boolean', default: false },
  sweep: { type: 'boolean', default: false },
  replays: { type: 'string' },
  results: { type: 'string', default: 'lab-results.jsonl' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/**
 * Reads the lab's command line.
 *
 * @returns undefined when help was asked for
 * @throws UsageError naming the offending value, its limit and a fix
 */
export function parseLabOptions(args: string[]): LabOptions | undefined {
  const { values } = readArguments({ args, options: OPTIONS })
  if (values.help) return undefined
  const number = (name: keyof typeof LIMITS) =>
    wholeNumber(name, values[name], LIMITS[name].least, LIMITS[name].most)
  const run: Run = {
    attack: values.attack,
    fraction: fractionOf(values.fraction),
    partition: values.partition,
    dataset: values.dataset,
    rule: values.rule,
    contributors: number('contributors'),
    rounds: number('rounds'),
    steps: number('steps'),
    windows: number('windows'),
    seed: number('seed'),
    auditAll: values['audit-all'],
    nearCopies: values['near-copies'],
  }
  checkRun(run)
  const replays = values.replays === undefined ? 0 : wholeNumber('replays', values.replays, 1, MOST_REPLAYS)
  return { mode: modeOf(values), run, jsonFile: values.json, resultsFile: values.results, replays }
}

const MODES = ['quick', 'full', 'sweep', 'replays'] as const

function modeOf(values: Partial<Record<(typeof MODES)[number], boolean | string>>): LabMode {
  const [mode = 'run', ...others] = MODES.filter((name) => values[name])
  if (others.length === 0) return mode
  throw new UsageError(`--${mode} and --${others[0]} are two things: give one of them`)
}

function fractionOf(text: string): number {
  const value = /^\d(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= MOST_FRACTION) return value
  throw new UsageError(
    `--fraction is "${text}", but must be a number from 0 to ${MOST_FRACTION}, such as 0.2`,
  )
}

function checkRun(run: Run): void {
  try {
    federationOptions(run)
    stepsOfWindow(run.steps)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
}
