/** The roster, the committees and their votes, from the words of Rounds. RoundsLens says the same on chain. */
import type { Address } from 'viem'
import { zeroAddress } from 'viem'
import { cohortSeats } from './cohorts.ts'
import { beaconIn } from './round-view.ts'
import {
  addressIn,
  MOST_SEATS,
  ofKey,
  ofKeys,
  ofSheet,
  ofTask,
  ofWeights,
  RING,
  type SlotWords,
  sheetKey,
  voteKey,
} from './rounds-slots.ts'
import { cohortCount, MAX_VALIDATORS, ROOT_COHORT } from './sampling.ts'
import {
  COHORT_WORD,
  ROUND_TERMS_WORD,
  ROUND_WORD,
  TAGGED_HASH,
  unpackNumbers,
  unpackWord,
  WEIGHTS_WORD,
  type WordNumbers,
} from './words.ts'

// ---- the roster

/** The roster that the current round's committees are drawn from, both lists by roster index. */
export type RosterState = { validators: (Address | undefined)[]; weights: number[] }

/** The slots that {@link rosterOf} decodes. */
export function rosterSlots(taskId: bigint) {
  return { roster: ofKeys('frozenRoster', taskId, MAX_VALIDATORS), weights: ofWeights(taskId) }
}

type RosterWords = SlotWords<ReturnType<typeof rosterSlots>>

/** The frozen roster of a task; free places are undefined. */
export function rosterOf(words: RosterWords): RosterState {
  return { validators: words.roster.map(addressIn), weights: weightsIn(words.weights) }
}

/** The weights in the words of {@link ofWeights}, by roster index. */
export function weightsIn(words: readonly bigint[]): number[] {
  return words.flatMap((word) => unpackNumbers(WEIGHTS_WORD, word).weights)
}

// ---- committees

/** How far a cohort of the current round has come on chain. */
export type CohortState = {
  /** 0, or 1 after a redraw. */
  attempt: number
  settled: boolean
  isVoid: boolean
  /** How many seats revealed; of the root committee, voted. */
  revealed: number
  /** By seat. */
  seats: readonly Address[]
}

type RoundNumbers = WordNumbers<typeof ROUND_WORD>

const SETTLED = 1
const VOID = 2

/** The slots that {@link cohortOf} decodes. @param cohort from 0, or {@link ROOT_COHORT} */
export function cohortSlots(taskId: bigint, cohort: number) {
  return {
    terms: ofTask('roundTerms', taskId),
    round: ofTask('rounds', taskId),
    cohort: ofKey('cohorts', taskId, cohort),
    // Which of them is the round's is known only with its number.
    beacons: ofKeys('beacons', taskId, RING),
    ...rosterSlots(taskId),
  }
}

type CohortWords = SlotWords<ReturnType<typeof cohortSlots>>

/**
 * A cohort's committee as it was last drawn, or would be, and how far it is.
 *
 * @returns undefined for a cohort that the round doesn't have, as before its seal
 * @throws RangeError or SamplingError for words that Rounds never writes
 */
export function cohortOf(words: CohortWords, cohort: number): CohortState | undefined {
  const round = unpackNumbers(ROUND_WORD, words.round)
  if (!hasCohort(round, cohort)) return undefined
  const committeeSize = committeeSizeIn(words.terms)
  const stored = unpackNumbers(COHORT_WORD, words.cohort)
  const isDrawn = stored.round === round.round
  const members = isDrawn
    ? stored.seats.slice(0, committeeSize)
    : firstSeats(words, { round: round.round, cohort, committeeSize })
  return {
    attempt: isDrawn ? stored.attempt : 0,
    settled: isDrawn && stored.state === SETTLED,
    isVoid: isDrawn && stored.state === VOID,
    revealed: isDrawn ? stored.acted : 0,
    seats: members.map((index) => addressIn(words.roster[index] ?? 0n) ?? zeroAddress),
  }
}

/** Roster indices of a committee that nobody has asked for yet. */
function firstSeats(words: CohortWords, draw: { round: number; cohort: number; committeeSize: number }) {
  const { round, ...place } = draw
  const beacon = beaconIn(words.beacons, round)
  if (beacon === undefined)
    throw new RangeError(`round ${round} is sealed without a beacon: ask another node`)
  return cohortSeats({ ...place, beacon, attempt: 0, weights: weightsIn(words.weights) })
}

/** Cohorts of a round: 0 before its seal. @param word of the round */
export function cohortsIn(word: bigint): number {
  return cohortsOf(unpackNumbers(ROUND_WORD, word))
}

function cohortsOf({ sealedAt, submissions }: RoundNumbers): number {
  return sealedAt === 0 ? 0 : cohortCount(submissions)
}

function hasCohort(round: RoundNumbers, cohort: number): boolean {
  const cohorts = cohortsOf(round)
  return cohort < cohorts || (cohort === ROOT_COHORT && cohorts !== 0)
}

function committeeSizeIn(word: bigint): number {
  const { committeeSize } = unpackNumbers(ROUND_TERMS_WORD, word)
  if (committeeSize > MOST_SEATS)
    throw new RangeError(
      `a committee of ${committeeSize} seats: it has at most ${MOST_SEATS}, ask another node`,
    )
  return committeeSize
}

// ---- commitments to sheets

/** The slots that {@link sheetDigestOf} decodes. @param attempt 0, or 1 in the redraw */
export function sheetDigestSlots(taskId: bigint, validator: Address, round: number, attempt: number) {
  return { sheet: ofSheet(taskId, validator, sheetKey(round, attempt)) }
}

/** What a validator committed to in a round's draw: the low 224 bits of the digest; undefined if it didn't. */
export function sheetDigestOf(
  words: SlotWords<ReturnType<typeof sheetDigestSlots>>,
  round: number,
): bigint | undefined {
  return hashOfRound(words.sheet, round) || undefined
}

// ---- votes

/** The slots that {@link votesOf} decodes. @param cohort from 0, or {@link ROOT_COHORT} */
export function votesSlots(taskId: bigint, cohort: number) {
  return {
    terms: ofTask('roundTerms', taskId),
    round: ofTask('rounds', taskId),
    root: ofKey('cohorts', taskId, ROOT_COHORT),
    votes:
      cohort === ROOT_COHORT
        ? ofKeys('modelVotes', taskId, MOST_SEATS)
        : Array.from({ length: MOST_SEATS }, (_, seat) => ofKey('votes', taskId, voteKey(cohort, seat))),
  }
}

/**
 * Votes of a cohort's seats on its aggregate, or the root's on the next model: low 224 bits of each hash, 0 where a seat has not voted.
 *
 * @returns by seat; undefined for a cohort that the round doesn't have
 */
export function votesOf(
  words: SlotWords<ReturnType<typeof votesSlots>>,
  cohort: number,
): bigint[] | undefined {
  const round = unpackNumbers(ROUND_WORD, words.round)
  if (!hasCohort(round, cohort)) return undefined
  const votes = words.votes.slice(0, committeeSizeIn(words.terms))
  if (cohort !== ROOT_COHORT) return votes.map((word) => hashOfRound(word, round.round))

  const root = unpackNumbers(COHORT_WORD, words.root)
  const hasVoted = (seat: number) => root.round === round.round && (root.actedSeats >> seat) % 2 === 1
  return votes.map((word, seat) => (hasVoted(seat) ? BigInt.asUintN(224, word) : 0n))
}

/** The tagged hash if it belongs to the round, else 0. */
function hashOfRound(word: bigint, round: number): bigint {
  const tagged = unpackWord(TAGGED_HASH, word)
  return tagged.round === BigInt(round) ? tagged.hash : 0n
}
