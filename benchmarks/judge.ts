/**
 * What does judging cost beside training?
 *
 *     npm run bench:judge [-- --contributors 20,100] [--validators 11] [--committee 5] [--steps 100,400] [--window-steps 10]
 *                         [--replay-windows 6] [--rounds 1] [--seed HASH] [--json FILE]
 *
 * Digits, 784-128-10, dealt by Dirichlet 0.5. Measured is one cohort, with the daemons' own functions: each member trains in the
 * sandbox, opens its update and shows the windows that one seat reads; that seat judges all of them and makes the cohort's aggregate
 * and the next model. The first round warms up. Multiplied is the rest: the protocol's own draws say who sits where, who is audited
 * and how many windows a seat reads; each of them is taken to cost what the measured one did. Other cohorts are taken to be like it.
 *
 * Not counted are chain, network and idle daemons: `npm run bench:memory` plays whole rounds. CPU seconds are those of this process,
 * threads and garbage collection included. Ends with exit code 1 when a bar is missed.
 */
import { cpus } from 'node:os'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { playCohort } from './judge/play.ts'
import {
  AUDIT_RATES,
  isMet,
  type RoundCost,
  roundCost,
  seatSeconds,
  sentenceOf,
  tableOf,
} from './judge/report.ts'
import { readOptions } from './options.ts'

const DEFAULT_SEED: Hash = `0x${'5e'.repeat(32)}`
/** Crowds for which a seat's CPU is multiplied, with validators in proportion as far as a roster has places. */
const CROWDS = [10, 20, 100, 1_000]
const MOST_VALIDATORS = 64

const usage = `npm run bench:judge [-- --contributors 20,100] [--validators 11] [--committee 5] [--steps 100,400]
                    [--window-steps 10] [--replay-windows 6] [--rounds 1] [--seed HASH] [--json FILE]`
const options = readOptions(usage, {
  contributors: { type: 'string', default: '20,100' },
  validators: { type: 'string', default: '11' },
  committee: { type: 'string', default: '5' },
  steps: { type: 'string', default: '100,400' },
  'window-steps': { type: 'string', default: '10' },
  'replay-windows': { type: 'string', default: '6' },
  rounds: { type: 'string', default: '1' },
  seed: { type: 'string', default: DEFAULT_SEED },
  json: { type: 'string' },
})

type Result = {
  contributors: number
  steps: number
  costs: RoundCost[]
  seats: { contributors: number; seconds: number }[]
  indexSeconds: number
}

await main()

async function main(): Promise<void> {
  const machine = `${cpus()[0]?.model} (${cpus().length} cores), Node ${process.versions.node}`
  const seed = seedOf(options.seed)
  const crowd = {
    validators: wholeNumber('validators', options.validators, 3, MOST_VALIDATORS),
    committeeSize: wholeNumber('committee', options.committee, 3, 15),
    replayWindows: wholeNumber('replay-windows', options['replay-windows'], 1, 64),
  }
  if (crowd.validators < crowd.committeeSize)
    stop(
      `--validators is ${crowd.validators}, too few for committees of ${crowd.committeeSize}: give at least as many`,
    )
  const results: Result[] = []
  console.log(`${machine}, seed ${seed}`)
  for (const contributors of numbersOf('contributors', 2, 187))
    for (const steps of numbersOf('steps', 1, 10_000)) {
      const windows = windowsOf(steps)
      results.push(await measure({ ...crowd, contributors, windows }, { steps, seed }))
    }
  if (options.json !== undefined)
    await writeWholeFile(
      options.json,
      `${JSON.stringify({ machine, seed, ...crowd, results }, undefined, 2)}\n`,
    )
  process.exitCode = results.every(({ costs }) => costs.every(isMet)) ? 0 : 1
}

type Place = { steps: number; seed: Hash }
type Takers = Parameters<typeof roundCost>[0]

async function measure(crowd: Takers, { steps, seed }: Place): Promise<Result> {
  const { contributors, validators, windows } = crowd
  const rounds = wholeNumber('rounds', options.rounds, 1, 100)
  const { each, indexSeconds } = await playCohort({ ...crowd, ...AUDIT_RATES[0] }, { steps, seed, rounds })
  const costs = AUDIT_RATES.map((rate) => roundCost(crowd, rate, { each, steps, seed }))
  console.log(
    `\n${contributors} contributors, ${validators} validators, ${steps} steps in ${windows} windows`,
  )
  for (const line of tableOf(costs)) console.log(`  ${line}`)
  for (const cost of costs) console.log(`  ${sentenceOf(cost)}`)
  const seats = CROWDS.map((count) => {
    const most = Math.min(MOST_VALIDATORS, Math.max(crowd.committeeSize, Math.ceil(count / 9)))
    return {
      contributors: count,
      seconds: seatSeconds({ ...crowd, contributors: count, validators: most }, each, seed),
    }
  })
  const texts = seats.map(({ contributors: count, seconds }) => `${count}: ${seconds.toFixed(2)} s`)
  console.log(`  a settled seat by contributors, a validator for nine of them (5 to 64): ${texts.join(', ')}`)
  console.log(
    `  once for all rounds, an oracle prepares the pool for finding copies: ${indexSeconds.toFixed(2)} s`,
  )
  return { contributors, steps, costs, seats, indexSeconds }
}

function windowsOf(steps: number): number {
  const length = wholeNumber('window-steps', options['window-steps'], 1, steps)
  if (steps % length === 0) return steps / length
  return stop(`--window-steps is ${length}, which doesn't divide ${steps} steps: give a divisor, such as 10`)
}

function numbersOf(option: 'contributors' | 'steps', least: number, most: number): number[] {
  return options[option].split(',').map((text) => wholeNumber(option, text, least, most))
}

function seedOf(text: string): Hash {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as Hash
  return stop(`--seed is "${text}": give 0x and 64 lowercase hexadecimal digits`)
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  return stop(`--${option} is "${text}": give a whole number from ${least} to ${most}`)
}

function stop(message: string): never {
  console.error(`${message}.\n\n${usage}`)
  process.exit(2)
}
