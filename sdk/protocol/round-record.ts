/** The hash chains that evidence is proven against: the twin of contracts/libraries/RoundRecords.sol. All preimages are in events. */
import {
  type Address,
  concat,
  encodeAbiParameters,
  keccak256,
  numberToHex,
  pad,
  parseAbiParameters,
} from 'viem'
import type { Hash } from './random.ts'
import { MAX_VALIDATORS, ROOT_COHORT } from './sampling.ts'
import { packWord, TAGGED_HASH, WEIGHTS_WORD } from './words.ts'

const OPENING = parseAbiParameters('uint32, bytes32, bytes32, bytes32')
const SETTLED = parseAbiParameters('uint224, uint32, bytes32')
const VOTES = parseAbiParameters('uint32[], bytes32[]')
const VOTED = parseAbiParameters('bytes32, bytes32')
const REPLACED = parseAbiParameters('bytes32, bytes32, uint32')

/** What a validator voted in one call: a hash for each cohort. */
export type Votes = { cohorts: readonly number[]; hashes: readonly Hash[] }

/** The weights of a roster by index, packed into four words. @throws RangeError unless there are 64 */
export function rosterLanes(weights: readonly number[]): [bigint, bigint, bigint, bigint] {
  requirePlaces(weights)
  const lane = (i: number) =>
    packWord(WEIGHTS_WORD, { weights: weights.slice(16 * i, 16 * (i + 1)).map(BigInt) })
  return [lane(0), lane(1), lane(2), lane(3)]
}

/**
 * Digest of a frozen roster, from the event `RosterFrozen`.
 *
 * @param weights 64, by roster index
 * @param validators 64, by roster index; a free place is the zero address
 * @throws RangeError when one of the lists has another length
 */
export function rosterDigest(weights: readonly number[], validators: readonly Address[]): Hash {
  requirePlaces(validators)
  const lanes = rosterLanes(weights).map((lane) => numberToHex(lane, { size: 32 }))
  return keccak256(concat([...lanes, ...validators.map((validator) => pad(validator, { size: 32 }))]))
}

function requirePlaces({ length }: readonly unknown[]): void {
  if (length !== MAX_VALIDATORS) throw new RangeError(`${length} places: a roster has ${MAX_VALIDATORS}`)
}

/** The record of a round that opens, from the events `RoundOpened`, the last `RoundSealed` and the last `RosterFrozen` before it. */
export function openingRecord(opening: {
  round: number
  baseModelHash: Hash
  /** Beacon of the last sealed round before it, zero if there is none. */
  previousBeacon: Hash
  roster: Hash
}): bigint {
  const { round, baseModelHash, previousBeacon, roster } = opening
  return chainOf(keccak256(encodeAbiParameters(OPENING, [round, baseModelHash, previousBeacon, roster])))
}

/** The record of a round after one more cohort was settled. @param results see {@link resultsHash} */
export function settledRecord(chain: bigint, cohort: number, results: Hash): bigint {
  return chainOf(keccak256(encodeAbiParameters(SETTLED, [chain, cohort, results])))
}

/** Hash of the results of a cohort's members, as in the event `CohortSettled`. */
export function resultsHash(results: readonly bigint[]): Hash {
  return keccak256(concat(results.map((word) => numberToHex(word, { size: 32 }))))
}

/** What a validator said in a round, after one more call with votes. @param word what it said before, zero if nothing */
export function votedWord(word: Hash, round: number, votes: Votes): Hash {
  const hash = chainOf(keccak256(encodeAbiParameters(VOTED, [word, votesHash(votes)])))
  return numberToHex(packWord(TAGGED_HASH, { hash, round: BigInt(round) }), { size: 32 })
}

/** Hash of the votes of one call: of the data of the event `AggregatesVoted`. */
export function votesHash({ cohorts, hashes }: Votes): Hash {
  return keccak256(encodeAbiParameters(VOTES, [cohorts, hashes]))
}

/** A vote on the next model, as {@link votedWord} takes it. */
export const modelVote = (modelHash: Hash): Votes => ({ cohorts: [ROOT_COHORT], hashes: [modelHash] })

/** The chain of what an account committed to in a task before, after one more event `CommitmentReplaced`. @param former zero at first */
export function replacedCommitment(former: Hash, commitment: Hash, firstRound: number): Hash {
  return keccak256(encodeAbiParameters(REPLACED, [former, commitment, firstRound]))
}

/** The low 224 bits of a hash. */
const chainOf = (hash: Hash) => BigInt.asUintN(224, BigInt(hash))
