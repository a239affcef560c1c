import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { drawCommittee } from '@assay/sdk/protocol/sampling.ts'

/** Jurors that could be drawn: of 64 places one is the defendant's. */
const ELIGIBLE = 63
const LEAST_WEIGHT = 256
const MOST_WEIGHT = 1_024

/** A roster of which somebody holds a share. */
export type CapturedRoster = {
  /** Of each eligible juror, 256…1,024. The captured ones come first. */
  weights: readonly number[]
  captured: number
}

/** How the captured jurors spread their stake: places of the same weight as all others, or as few or many as they can. */
export const SPREADS = ['equal', 'large', 'small'] as const
export type Spread = (typeof SPREADS)[number]

/**
 * A roster of 63 jurors of which `share` of the weight, rounded to whole places, is captured.
 *
 * @param spread `large`: captured places have four times the weight of the others; `small`: a quarter of it.
 */
export function capturedRoster(share: number, spread: Spread): CapturedRoster {
  const own = spread === 'large' ? MOST_WEIGHT : LEAST_WEIGHT
  const others = spread === 'small' ? MOST_WEIGHT : LEAST_WEIGHT
  const captured = Math.round((share * others * ELIGIBLE) / (own * (1 - share) + others * share))
  return { weights: Array.from({ length: ELIGIBLE }, (_, i) => (i < captured ? own : others)), captured }
}

/** Share of the weight that is captured. */
export function capturedWeight({ weights, captured }: CapturedRoster): number {
  const sum = (list: readonly number[]) => list.reduce((total, weight) => total + weight, 0)
  return sum(weights.slice(0, captured)) / sum(weights)
}

/**
 * How often captured jurors have most of the seats, so that they convict whom they like and acquit whom they like. With the contract's
 * draw: panel i of the seed `base` is drawn as {@link drawCommittee} draws it.
 *
 * @param seats odd; 0 for a panel of all jurors, which nothing draws: most of the weight decides.
 */
export function captureRate(roster: CapturedRoster, seats: number, draws: number, base: Hash): number {
  if (seats === 0) return capturedWeight(roster) > 0.5 ? 1 : 0
  let lost = 0
  for (let i = 0; i < draws; i++) {
    const seed = deriveSeed(base, 'panel', BigInt(i))
    const drawn = drawCommittee({ seed, weights: roster.weights, seatCount: seats })
    if (2 * drawn.filter((place) => place < roster.captured).length > seats) lost++
  }
  return lost / draws
}

/** The exact rate where all weights are equal: the hypergeometric distribution's tail. */
export function exactCaptureRate({ weights, captured }: CapturedRoster, seats: number): number {
  let rate = 0
  for (let k = (seats + 1) / 2; k <= Math.min(seats, captured); k++)
    rate += Math.exp(
      logChoose(captured, k) +
        logChoose(weights.length - captured, seats - k) -
        logChoose(weights.length, seats),
    )
  return rate
}

/** The rate of an endless roster: the binomial distribution's tail. */
export function endlessCaptureRate(share: number, seats: number): number {
  let rate = 0
  for (let k = (seats + 1) / 2; k <= seats; k++)
    rate += Math.exp(logChoose(seats, k)) * share ** k * (1 - share) ** (seats - k)
  return rate
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i)
  return sum
}
