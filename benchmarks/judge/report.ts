/** What measured parts come to in a round, and whether that is within the bars. */

import type { Hash } from '@assay/sdk/protocol/random.ts'
import {
  CONTRIBUTOR_PARTS,
  type Crowd,
  type Part,
  timesOf,
  VALIDATOR_PARTS,
  type ValidatorPart,
} from './parts.ts'

/** Mean CPU seconds of a part, done once. */
export type EachSeconds = (part: Part) => number

/** Records of contributors, which fix how often they are audited. */
export const AUDIT_RATES = [
  { name: 'newcomers', reputationBps: 5_000, seen: 0 },
  { name: 'settled', reputationBps: 5_000, seen: 50 },
  { name: 'settled, reputation 1', reputationBps: 10_000, seen: 50 },
] as const

/** Most that all validators may take of the training's CPU, at so many steps a round or more. */
const BARS = {
  steps: 400,
  many: { contributors: 100, newcomers: 0.4, settled: 0.1 },
  few: { contributors: 20, newcomers: 1, settled: 0.25 },
  overhead: 0.05,
} as const

/** A round of one audit rate. */
export type RoundCost = {
  rate: string
  auditedShare: number
  trainingSeconds: number
  validatorSeconds: number
  /** Of all seats' CPU seconds, those of one. */
  seatSeconds: number
  parts: { part: Part; eachSeconds: number; times: number; seconds: number }[]
  /** Validators' share of the training, and the bar if there is one. */
  share: number
  bar: number | undefined
  /** A contributor's own work beside its training, as a share of that. */
  overhead: number
  overheadBar: number | undefined
}

export function roundCost(
  crowd: Omit<Crowd, 'reputationBps' | 'seen'>,
  rate: (typeof AUDIT_RATES)[number],
  { each, steps, seed }: { each: EachSeconds; steps: number; seed: Hash },
): RoundCost {
  const { times, audited, seats } = timesOf({ ...crowd, ...rate }, seed)
  const parts = (Object.keys(times) as Part[]).map((part) => ({
    part,
    eachSeconds: each(part),
    times: times[part],
    seconds: each(part) * times[part],
  }))
  const secondsOf = (names: object) =>
    parts.reduce((sum, { part, seconds }) => sum + (part in names ? seconds : 0), 0)
  const trainingSeconds = each('training') * times.training
  const validatorSeconds = secondsOf(VALIDATOR_PARTS)
  const isNew = rate.seen === 0
  return {
    rate: rate.name,
    auditedShare: audited,
    trainingSeconds,
    validatorSeconds,
    seatSeconds: validatorSeconds / seats,
    parts,
    share: validatorSeconds / trainingSeconds,
    bar: barOf(crowd.contributors, steps)?.[isNew ? 'newcomers' : 'settled'],
    overhead: secondsOf(CONTRIBUTOR_PARTS) / trainingSeconds - 1,
    overheadBar: isNew || steps < BARS.steps ? undefined : BARS.overhead,
  }
}

function barOf(contributors: number, steps: number) {
  if (steps < BARS.steps) return undefined
  if (contributors >= BARS.many.contributors) return BARS.many
  return contributors >= BARS.few.contributors ? BARS.few : undefined
}

/** Whether neither bar is missed. */
export function isMet({ share, bar = share, overhead, overheadBar = overhead }: RoundCost): boolean {
  return share <= bar && overhead <= overheadBar
}

/** A table of all parts, with how often each audit rate takes them. */
export function tableOf(costs: readonly RoundCost[]): string[] {
  const texts = { ...CONTRIBUTOR_PARTS, ...VALIDATOR_PARTS }
  const rows = costs[0]!.parts.map(({ part, eachSeconds }, i) =>
    [
      texts[part].padEnd(50),
      `${(1_000 * eachSeconds).toFixed(2).padStart(9)} ms`,
      ...costs.map(({ parts }) => {
        const { times, seconds } = parts[i]!
        return ` × ${times.toFixed(1).padStart(6)} = ${seconds.toFixed(2).padStart(7)} s`
      }),
    ].join(''),
  )
  const heads = costs.map(({ rate }) => rate.padStart(23)).join('')
  return [`${'CPU of a part, once; by all in a round'.padEnd(62)}${heads}`, ...rows]
}

/** What a round comes to, in a sentence. */
export function sentenceOf(cost: RoundCost): string {
  const { rate, auditedShare, validatorSeconds, trainingSeconds, share, bar, seatSeconds } = cost
  const figures = `${share.toFixed(3)} of the training${verdictOf(share, bar)}`
  return (
    `${rate}, ${(100 * auditedShare).toFixed(0)} % audited: validators ${validatorSeconds.toFixed(1)} s, training ` +
    `${trainingSeconds.toFixed(1)} s: ${figures}; a seat ${seatSeconds.toFixed(2)} s; contributors' own work ` +
    `${(100 * cost.overhead).toFixed(1)} % of their training${verdictOf(cost.overhead, cost.overheadBar)}`
  )
}

function verdictOf(value: number, bar: number | undefined): string {
  return bar === undefined ? '' : ` (bar ${bar}: ${value <= bar ? 'met' : 'MISSED'})`
}

/** CPU seconds of a seat with more or fewer contributors, by the same parts. */
export function seatSeconds(
  crowd: Omit<Crowd, 'reputationBps' | 'seen'>,
  each: EachSeconds,
  seed: Hash,
): number {
  const { times, seats } = timesOf({ ...crowd, ...AUDIT_RATES[1] }, seed)
  const parts = Object.keys(VALIDATOR_PARTS) as ValidatorPart[]
  return parts.reduce((sum, part) => sum + each(part) * times[part], 0) / seats
}
