/**
 * The reward formula: the twin of contracts/libraries/RewardFormula.sol, where its symbols are explained.
 *
 *     contributor: pay = ρ · ε · ( priceCompute · C · ℓ · Q  +  priceData · D · R )
 *     validator:   pay = priceValidation · V · U
 */
import { MAX_PROVEN_WINDOWS } from './reputation.ts'
import { COHORT_SIZE, cohortCount } from './sampling.ts'

const BPS = 10_000n
const CONFIDENCE_DENOMINATOR = 20n
const MAX_REPUTATION_BPS = 15_000n
const MAX_RARITY_BPS = 20_000n
const MAX_UPTIME_BPS = 12_000n
const MAX_DRAWS = 2

/**
 * ℓ(m) = ⌊10,000 · 0.05^(1/m)⌋ for m = 0…48, exact: the largest x with 20 · x^m ≤ 10,000^m.
 * If a share 1 − ℓ of the steps were faked, m random replays would all pass with a probability of 5 %.
 */
export const PROVEN_FRACTIONS_BPS: readonly number[] = Array.from(
  { length: MAX_PROVEN_WINDOWS + 1 },
  (_, m) => (m === 0 ? 0 : Number(rootOfConfidence(BigInt(m)))),
)

function rootOfConfidence(m: bigint): bigint {
  let low = 0n
  let high = BPS
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (CONFIDENCE_DENOMINATOR * middle ** m <= BPS ** m) low = middle
    else high = middle - 1n
  }
  return low
}

/** What the pay of one settled update follows from; prices in reward wei per unit, fractions in bps. */
export type Inputs = {
  priceCompute: bigint
  /** C, of all assigned steps. */
  computeUnits: number
  /** ℓ, 0…9,394. */
  provenBps: number
  /** Q, 0…10,000. */
  qualityBps: number
  priceData: bigint
  /** D. */
  dataUnits: number
  /** R, 0…20,000. */
  rarityBps: number
  /** ρ, 5,000…15,000. */
  reputationBps: number
  /** ε, 10,000…20,000. */
  earlyBonusBps: number
}

/** What bounds the cost of a round. */
export type Limits = {
  slots: number
  committeeSize: number
  /** ε of round 1. */
  earlyBonusBps: number
  priceCompute: bigint
  computeUnits: number
  priceData: bigint
  /** The task's limit of D. */
  dataUnits: number
  priceValidation: bigint
}

/** Proven fraction ℓ in bps after m windows replayed without a miss. @throws RangeError for m outside 0…48. */
export function provenFractionBps(proven: number): number {
  const fraction = PROVEN_FRACTIONS_BPS[proven]
  if (fraction === undefined)
    throw new RangeError(`${proven} proven windows: at most ${MAX_PROVEN_WINDOWS} are pooled`)
  return fraction
}

/** ε of a round, in bps: falls linearly from the bonus in round 1 to 1 in round bonusRounds + 1. */
export function earlyBonusBps(bonusBps: number, bonusRounds: number, round: number): number {
  if (!Number.isInteger(round) || round < 1) throw new RangeError(`round ${round}: rounds count from 1`)
  if (round > bonusRounds) return 10_000
  return 10_000 + Math.floor(((bonusBps - 10_000) * (bonusRounds - (round - 1))) / bonusRounds)
}

/** What a settled update earns, in reward wei. Data pays nothing when quality is zero. */
export function contributorPay(inputs: Inputs): { computePay: bigint; dataPay: bigint } {
  if (inputs.qualityBps === 0) return { computePay: 0n, dataPay: 0n }
  const factor = BigInt(inputs.reputationBps) * BigInt(inputs.earlyBonusBps)
  const compute =
    inputs.priceCompute * BigInt(inputs.computeUnits) * BigInt(inputs.provenBps) * BigInt(inputs.qualityBps)
  const data = inputs.priceData * BigInt(inputs.dataUnits) * BigInt(inputs.rarityBps)
  return { computePay: (compute * factor) / BPS ** 4n, dataPay: (data * factor) / BPS ** 3n }
}

/** What a round's validation service earns, in reward wei. @param accurateEntries V. @param uptime U in bps. */
export function validatorPay(priceValidation: bigint, accurateEntries: number, uptime: number): bigint {
  return (priceValidation * BigInt(accurateEntries) * BigInt(uptime)) / BPS
}

/** The most that a round can cost, in reward wei: what opening it reserves. */
export function largestRoundCost(limits: Limits): bigint {
  const units =
    limits.priceCompute * BigInt(limits.computeUnits) * BPS +
    limits.priceData * BigInt(limits.dataUnits) * MAX_RARITY_BPS
  const work = units * BigInt(limits.slots) * MAX_REPUTATION_BPS * BigInt(limits.earlyBonusBps)
  const entries = cohortCount(limits.slots) * COHORT_SIZE * limits.committeeSize * MAX_DRAWS
  const service = BigInt(entries) * limits.priceValidation * MAX_UPTIME_BPS
  return ceilDiv(work, BPS ** 3n) + ceilDiv(service, BPS)
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
