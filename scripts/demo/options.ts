import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

/** How a contributor can cheat in the demo. */
const ATTACKS = ['sign-flip', 'resubmit', 'copy', 'gaussian', 'label-flip', 'zero', 'no-open'] as const
export type Attack = (typeof ATTACKS)[number]

/** How the digits are dealt: evenly, or by class shares from a Dirichlet distribution (a smaller alpha is less even). */
type Partition = 'iid' | { dirichlet: number }

export interface DemoOptions {
  /** Contributors, the cheating ones included. */
  contributors: number
  /** Validators, the lazy and silent ones included. */
  validators: number
  rounds: number
  /** Attackers by name, in the order in which they take their places. */
  attackers: { attack: Attack; count: number }[]
  lazyValidators: number
  silentValidators: number
  partition: Partition
  seed: number
  /** Where the results go as JSON, if anywhere. */
  jsonFile: string | undefined
  /** Folder of charts and logs. */
  outputDir: string
}

const LIMITS = {
  contributors: { least: 2, most: 64 },
  validators: { least: 7, most: 63 },
  rounds: { least: 1, most: 50 },
  seed: { least: 0, most: 0xffff_ffff },
} as const

/** Validators that a committee of `seats` needs in the draw. */
const validatorsFor = (seats: number) => 2 * seats + 1

/** Seats of a cohort's committee: 3, and 5 where enough validators do their duty. */
export function committeeSize({ validators, silentValidators }: DemoOptions): number {
  return validators - silentValidators >= validatorsFor(5) ? 5 : 3
}

export const DEMO_USAGE = `npm run demo -- [options]

Trains a digit classifier on a local chain: real processes, real transactions, some of them cheating.

  --contributors N        contributors, cheaters included (default 10, more where more than 4 cheat; ${LIMITS.contributors.least}…${LIMITS.contributors.most})
  --validators N          validators, cheaters included (default 7 and the silent ones; ${LIMITS.validators.least}…${LIMITS.validators.most})
  --rounds N              rounds (default 6, ${LIMITS.rounds.least}…${LIMITS.rounds.most})
  --attackers LIST        none, or name:count,… of ${ATTACKS.join(', ')}
                          (default sign-flip:1,resubmit:1,copy:1; fewer than half of the contributors)
  --lazy-validators N     validators that post constants (default 1)
  --silent-validators N   validators that join and never act (default 0)
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
  const attackers = parseAttackers(values.attackers ?? 'sign-flip:1,resubmit:1,copy:1')
  const silentValidators = wholeNumber('silent-validators', values['silent-validators'] ?? '0', 0, 63)
  const options: DemoOptions = {
    contributors: limited('contributors', values.contributors ?? String(contributorsFor(attackers))),
    validators: limited('validators', values.validators ?? String(7 + silentValidators)),
    rounds: limited('rounds', values.rounds ?? '6'),
    attackers,
    lazyValidators: wholeNumber('lazy-validators', values['lazy-validators'] ?? '1', 0, 63),
    silentValidators,
    partition: parsePartition(values.partition ?? 'dirichlet:0.5'),
    seed: limited('seed', values.seed ?? '1'),
    jsonFile: values.json,
    outputDir: values.out ?? 'demo-output',
  }
  checkMix(options)
  return options
}

const sumOf = (attackers: DemoOptions['attackers']) => attackers.reduce((sum, { count }) => sum + count, 0)

/** Ten contributors, or so many more that two in five of them cheat. */
function contributorsFor(attackers: DemoOptions['attackers']): number {
  return Math.min(LIMITS.contributors.most, Math.max(10, Math.ceil((5 * sumOf(attackers)) / 2)))
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
        'lazy-validators': text,
        'silent-validators': text,
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

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(
    `--${name} is "${text}", but must be a whole number from ${least} to ${most}: give one, such as --${name} ${least}`,
  )
}

function parseAttackers(text: string): DemoOptions['attackers'] {
  if (text === 'none') return []
  const found = text.split(',').map((part) => {
    const [name = '', count = '1', ...more] = part.trim().split(':')
    const attack = ATTACKS.find((known) => known === name)
    if (attack === undefined || more.length > 0) {
      throw new UsageError(
        `--attackers names "${part}", but must be none or name:count with a name of ${ATTACKS.join(', ')}: ` +
          'give some, such as --attackers sign-flip:1,copy:1',
      )
    }
    return { attack, count: wholeNumber(`attackers ${name}`, count, 0, LIMITS.contributors.most) }
  })
  const twice = found.find(({ attack }, i) => found.findIndex((other) => other.attack === attack) !== i)
  if (twice !== undefined)
    throw new UsageError(
      `--attackers names ${twice.attack} twice, but takes each name once: add the counts up`,
    )
  return found.filter(({ count }) => count > 0)
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

/** What the parts must be together, so that the honest can decide and the rounds can open. */
function checkMix(options: DemoOptions): void {
  checkPartition(options)
  checkAttackers(options)
  checkValidators(options)
}

function checkPartition({ contributors, partition }: DemoOptions): void {
  const least = leastAlpha(contributors)
  if (partition === 'iid' || partition.dirichlet >= least) return
  throw new UsageError(
    `--partition is dirichlet:${partition.dirichlet}, but with ${contributors} contributors ALPHA must be ${least} or more, ` +
      `or somebody would get too few digits: use --partition dirichlet:${least} or fewer contributors`,
  )
}

function checkAttackers({ contributors, attackers }: DemoOptions): void {
  const attacking = sumOf(attackers)
  const mostAttacking = Math.ceil(contributors / 2) - 1
  if (attacking > mostAttacking) {
    throw new UsageError(
      `--attackers adds up to ${attacking}, but ${contributors} contributors take at most ${mostAttacking} ` +
        `(fewer than half): use fewer, or --contributors ${2 * attacking + 1}`,
    )
  }
}

function checkValidators(options: DemoOptions): void {
  const { validators, rounds, lazyValidators, silentValidators } = options
  const failing = lazyValidators + silentValidators
  const mostFailing = Math.floor((validators - 1) / 3)
  if (failing > mostFailing) {
    throw new UsageError(
      `--lazy-validators and --silent-validators add up to ${failing}, but ${validators} validators take at most ` +
        `${mostFailing} (fewer than a third): use fewer, or --validators ${3 * failing + 1}`,
    )
  }
  // A validator that misses five rounds of ten is out of the draw, and then a round needs the others to be enough.
  const remaining = validators - silentValidators
  const needed = validatorsFor(committeeSize(options))
  if (rounds > 5 && remaining < needed) {
    throw new UsageError(
      `--silent-validators ${silentValidators} leaves ${remaining} of ${validators} validators once the silent ones are out of the ` +
        `draw, but more than 5 rounds need ${needed}: use --validators ${needed + silentValidators} or --rounds 5`,
    )
  }
}
