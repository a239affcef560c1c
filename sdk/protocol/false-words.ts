/** What a false score or vote costs whom. Twins: `contracts/libraries/Penalties.sol`, `contracts/court/CourtStorage.sol`. */
import { type BondTerms, seatFee } from './cases.ts'
import { MIN_WEIGHT } from './sampling.ts'

const BPS = 10_000n
/** What a first false score or vote costs, as a share of the base. */
const FALSE_WORD_BPS = 3_000n
/** The least bond as a share of the penalty. */
const BOND_BPS = 500n

/** The base of a validator's penalties in a round, in ASSAY wei. @param weight in the frozen roster of that round */
export function validatorBase(minValidatorStake: bigint, weight: number): bigint {
  return (minValidatorStake * BigInt(weight)) / BigInt(MIN_WEIGHT)
}

/** What a false score, aggregate or model costs if it is no repeat, in ASSAY wei. @param base from {@link validatorBase} */
export function falseWordPenalty(base: bigint): bigint {
  return (base * FALSE_WORD_BPS) / BPS
}

/** The bond of a case about a false score, aggregate or model, in ASSAY wei. @param base from {@link validatorBase} */
export function falseWordBond(base: bigint, terms: BondTerms): bigint {
  const ofPenalty = (falseWordPenalty(base) * BOND_BPS) / BPS
  const ofFees = (3n * BigInt(terms.firstSeats) * seatFee(terms)) / 2n
  return [terms.minBond, ofPenalty, ofFees].reduce((most, one) => (one > most ? one : most))
}
