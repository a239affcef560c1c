import { parseArgs } from 'node:util'
import { VALIDATOR_BEHAVIOURS } from '@assay/lab/behaviours/registry.ts'
import { UsageError } from '../command/usage-error.ts'
import { wholeNumber } from '../command/whole-number.ts'
import {
  type Attackers,
  checkAttackers,
  checkDeviantValidators,
  countOf,
  type DeviantValidators,
  LEAVING_HELP,
  leavingOf,
  MIX_HELP,
  MOST_CONTRIBUTORS,
  MOST_VALIDATORS,
  parseAttackers,
  parseDeviantValidators,
  validatorOption,
} from './mix.ts'

/** How the digits are dealt: evenly, or by class shares from a Dirichlet distribution (a smaller alpha is less even). */
type Partition = 'iid' | { dirichlet: number }

export interface DemoOptions {
  /** Contributors, the attacking ones included. */
  contributors: number
  /** Validators, the deviating ones included. */
  validators: number
  rounds: number
  /** Contributors that deviate, in the order in which they take their places. */
  attackers: Attackers
  deviantValidators: DeviantValidators
  /** Stores that drip or hang, beside the one that works. */
  slowStores: number
  partition: Partition
  seed: number
  /** Where the results go as JSON, if anywhere. */
  jsonFile: string | undefined
  /** Folder of charts and logs. */
  outputDir: string
}

/** Who takes part in a federation, and for how long. */
export type FederationOptions = Omit<DemoOptions, 'partition' | 'jsonFile'>

export const LIMITS = {
  contributors: { least: 2, most: MOST_CONTRIBUTORS },
  validators: { least: 7, most: MOST_VALIDATORS },
  rounds: { least: 1, most: 50 },
  'slow-stores': { least: 0, most: 4 },
  seed: { least: 0, most: 0xffff_ffff },
} as const

/** Validators that a committee of `seats` needs in the draw. */
const validatorsFor = (seats: number) => 2 * seats + 1

/** Seats of a cohort's committee: 3, and 5 where enough validators do their duty. */
export function committeeSize({
  validators,
  deviantValidators,
}: Pick<DemoOptions, 'validators' | 'deviantValidators'>): number {
  return validators - countOf(leavingOf(deviantValidators)) >= validatorsFor(5) ? 5 : 3
}

export const DEMO_USAGE = `npm run demo -- [options]

Trains a digit classifier on a local chain: real processes, real transactions, some dishonest participants.

  --contributors N        contributors, attackers included (default 10, more where more than 4 attack; ${LIMITS.contributors.least}…${LIMITS.contributors.most})
  --validators N          validators, deviating ones included (default 7 and ${LEAVING_HELP}; ${LIMITS.validators.least}…${LIMITS.validators.most})
  --rounds N              rounds (default 6, ${LIMITS.rounds.least}…${LIMITS.rounds.most})
${MIX_HELP}
  --slow-stores N         stores that drip or hang, asked before the one that works (default 0, 0…4)
  --partition P           iid or dirichlet:ALPHA (default dirichlet:0.5)
  --seed N                everything random follows from it (default 1)
  --json FILE             writes the results there
  --out DIR               charts and logs (default demo-output)
  --help                  this text

Example: npm run demo -- --rounds 3 --attackers sign-flip:2,zero:1 --seed 7`

/**
 * Reads the demo's command line.
 * @returns undefined when help was asked for
 * @throws UsageError naming the offending value, its limit and a fix
 */
export function parseDemoOptions(args: string[]): DemoOptions | undefined {
  const values = readArguments(args)
  if (values.help) return undefined
  const attackers = parseAttackers(values.attackers)
  const deviantValidators = parseDeviantValidators(values)
  const options: DemoOptions = {
    contributors: limited('contributors', values.contributors ?? String(contributorsFor(attackers))),
    validators: limited('validators', values.validators ?? String(7 + countOf(leavingOf(deviantValidators)))),
    rounds: limited('rounds', values.rounds ?? '6'),
    attackers,
    deviantValidators,
    slowStores: limited('slow-stores', values['slow-stores'] ?? '0'),
    partition: parsePartition(values.partition ?? 'dirichlet:0.5'),
    seed: limited('seed', values.seed ?? '1'),
    jsonFile: values.json,
    outputDir: values.out ?? 'demo-output',
  }
  // Checks across options: the honest must be able to decide, and the rounds to open.
  checkPartition(options)
  checkAttackers(options.contributors, attackers)
  checkDeviantValidators(options, validatorsFor(committeeSize(options)))
  return options
}

/** Ten contributors, or enough more that at most two in five attack. */
export function contributorsFor(attackers: Attackers): number {
  return Math.min(LIMITS.contributors.most, Math.max(10, Math.ceil((5 * countOf(attackers)) / 2)))
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      options: {
        contributors: text,
        validators: text,
        rounds: text,
        attackers: text,
        ...Object.fromEntries(VALIDATOR_BEHAVIOURS.map((one) => [validatorOption(one), text])),
        'slow-stores': text,
        partition: text,
        seed: text,
        json: text,
        out: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message.split('. ')[0] : String(error)}. See npm run demo -- --help`,
    )
  }
}

function limited(name: keyof typeof LIMITS, text: string): number {
  return wholeNumber(name, text, LIMITS[name].least, LIMITS[name].most)
}

function parsePartition(text: string): Partition {
  if (text === 'iid') return 'iid'
  const alpha = /^dirichlet:(\d+(?:\.\d+)?)$/.exec(text)?.[1]
  const value = Number(alpha)
  if (alpha !== undefined && value >= 0.05 && value <= 1000) return { dirichlet: value }
  throw new UsageError(
    `--partition is "${text}", but must be iid or dirichlet:ALPHA with ALPHA from 0.05 to 1000: ` +
      'give one, such as --partition dirichlet:0.5',
  )
}

/** The most uneven deal that still leaves everybody some digits. */
function leastAlpha(contributors: number): number {
  return contributors <= 20 ? 0.05 : contributors <= 32 ? 0.1 : 0.3
}

function checkPartition({ contributors, partition }: DemoOptions): void {
  const least = leastAlpha(contributors)
  if (partition === 'iid' || partition.dirichlet >= least) return
  throw new UsageError(
    `--partition is dirichlet:${partition.dirichlet}, but with ${contributors} contributors ALPHA must be ${least} or more, ` +
      `or somebody would get too few digits: use --partition dirichlet:${least} or fewer contributors`,
  )
}
