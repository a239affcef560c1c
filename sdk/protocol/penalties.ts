/** What each fault costs: the twin of contracts/libraries/Penalties.sol. */
import type { CaseKind } from './cases.ts'
import { MIN_WEIGHT } from './sampling.ts'

const BPS = 10_000
/** Rounds within which a fault of the same kind counts for another one. */
const REPEAT_ROUNDS = 8
/** Of first faults, in bps of the base. Those that aren't named here cost 30 %. */
const FIRST_SHARES: Partial<Record<CaseKind, number>> = {
  openingWithheld: 1_000,
  updateUnavailable: 1_000,
  windowWithheld: 1_000,
  falseStep: 5_000,
  twoStatements: BPS,
}
const USUAL_SHARE = 3_000

/** The base of a validator's penalties in a round, in ASSAY wei. @param weight in the frozen roster of that round */
export function validatorBase(minValidatorStake: bigint, weight: number): bigint {
  return (minValidatorStake * BigInt(weight)) / BigInt(MIN_WEIGHT)
}

/**
 * The share of the base that a fault costs, in bps.
 *
 * @param before how many others of this kind are less than eight rounds before it
 */
export function penaltyShare(kind: CaseKind, before: number): number {
  const first = FIRST_SHARES[kind] ?? USUAL_SHARE
  if (kind === 'openingWithheld' || kind === 'updateUnavailable' || before === 0) return first
  return kind === 'windowWithheld' ? Math.min(first * 2 ** before, BPS) : BPS
}

/** What a fault costs, in wei of its base. @param before as in {@link penaltyShare} */
export function penaltyOf(kind: CaseKind, base: bigint, before: number): bigint {
  return (base * BigInt(penaltyShare(kind, before))) / BigInt(BPS)
}

/**
 * What all faults of one kind of an account cost in a task, in whatever order they are punished.
 *
 * @param faults one a round
 */
export function penaltySum(kind: CaseKind, faults: readonly { round: number; base: bigint }[]): bigint {
  return faults.reduce((sum, { round, base }) => {
    const before = faults.filter((one) => one.round < round && one.round > round - REPEAT_ROUNDS).length
    return sum + penaltyOf(kind, base, before)
  }, 0n)
}
