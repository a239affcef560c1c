/** Where a task's round stands, from the words of Rounds. RoundsLens says the same on chain. */
import { endsOfVotes, endsSinceSeal, type Phase, type PhaseEnd, phaseAt } from './phases.ts'
import type { Hash } from './random.ts'
import { beaconKey, closingKey, hashIn, ofKeys, ofTask, RING, type SlotWords } from './rounds-slots.ts'
import { cohortCount } from './sampling.ts'
import {
  CLOSING_TIMES_WORD,
  ROUND_START_WORD,
  ROUND_TERMS_WORD,
  ROUND_WORD,
  unpackNumbers,
  unpackWord,
  type WordNumbers,
} from './words.ts'

/** The current round of a task, or the last one while it is idle. Times are unix seconds, undefined until they are fixed. */
export type RoundState = {
  /** From 1; 0 before the first. */
  round: number
  /** By the clock of the block that was read. */
  phase: Phase
  submissions: number
  /** 0 before the seal. */
  cohorts: number
  /** Settled or void. */
  cohortsDone: number
  cohortsVoid: number
  /** Number of the block in which the round opened. */
  openedBlock: bigint
  submitEnd: number | undefined
  openEnd: number | undefined
  commitEnd: number | undefined
  revealEnd: number | undefined
  redrawCommitEnd: number | undefined
  redrawRevealEnd: number | undefined
  cohortVoteEnd: number | undefined
  rootVoteEnd: number | undefined
  /** When the last closed round closed. */
  closedAt: number | undefined
  /** What was requested from the beacon, 0 before submissions are closed. */
  beaconId: bigint
  beacon: Hash | undefined
  /** Beacon of the last sealed round before this one; zero in the first. */
  previousBeacon: Hash
  /** Model that this round trains from, the next one's while idle. */
  baseModelHash: Hash
  /** Model that the next round trains from by a verdict during this one. */
  rollBackHash: Hash | undefined
}

const IDLE = 0
const NOT_SEALED = {
  cohorts: 0,
  cohortsDone: 0,
  cohortsVoid: 0,
  openEnd: undefined,
  commitEnd: undefined,
  revealEnd: undefined,
  redrawCommitEnd: undefined,
  redrawRevealEnd: undefined,
  cohortVoteEnd: undefined,
  rootVoteEnd: undefined,
  beacon: undefined,
} satisfies Partial<RoundState>

/** The slots that {@link roundOf} decodes. */
export function roundSlots(taskId: bigint) {
  return {
    terms: ofTask('roundTerms', taskId),
    round: ofTask('rounds', taskId),
    start: ofTask('starts', taskId),
    baseModel: ofTask('baseModels', taskId),
    rollBack: ofTask('rollBacks', taskId),
    previousBeacon: ofTask('previousBeacons', taskId),
    // Which of them is the round's is known only with its number.
    beacons: ofKeys('beacons', taskId, RING),
    closings: ofKeys('closings', taskId, closingKey(RING - 1) + 1),
  }
}

type RoundWords = SlotWords<ReturnType<typeof roundSlots>>
type Numbers = { terms: WordNumbers<typeof ROUND_TERMS_WORD>; round: WordNumbers<typeof ROUND_WORD> }

/**
 * The current or last round.
 *
 * @param time unix seconds of the block that the words are of
 * @returns undefined for a task that doesn't exist
 */
export function roundOf(words: RoundWords, time: number): RoundState | undefined {
  if (words.terms === 0n) return undefined
  const terms = unpackNumbers(ROUND_TERMS_WORD, words.terms)
  const round = unpackNumbers(ROUND_WORD, words.round)
  const { openedBlock, beaconId } = unpackWord(ROUND_START_WORD, words.start)
  return {
    round: round.round,
    phase: phaseAt(round, terms, time),
    submissions: round.submissions,
    openedBlock,
    submitEnd: secondsOrUndefined(round.submitEnd),
    closedAt: closedAt(words, round.status === IDLE ? round.round : round.round - 1),
    beaconId,
    previousBeacon: hashIn(words.previousBeacon),
    baseModelHash: hashIn(words.baseModel),
    rollBackHash: words.rollBack === 0n ? undefined : hashIn(words.rollBack),
    ...(round.sealedAt === 0 ? NOT_SEALED : sealedPart(words, { terms, round })),
  }
}

/** What a round has only from its seal on. */
function sealedPart(words: RoundWords, { terms, round }: Numbers) {
  const { cohortsDone, cohortsVoid, sealedAt, doneAt } = round
  return {
    ...NOT_SEALED,
    cohorts: cohortCount(round.submissions),
    cohortsDone,
    cohortsVoid,
    ...(endsSinceSeal(sealedAt, terms) satisfies Partial<Record<PhaseEnd, number>>),
    ...(doneAt === 0 ? {} : endsOfVotes(doneAt, terms)),
    beacon: beaconIn(words.beacons, round.round),
  }
}

/** A round's beacon in the ring, undefined when there is none. */
export function beaconIn(ring: readonly bigint[], round: number): Hash | undefined {
  const word = ring[beaconKey(round)]!
  return word === 0n ? undefined : hashIn(word)
}

function closedAt({ closings }: RoundWords, round: number): number | undefined {
  if (round <= 0) return undefined
  const { times } = unpackWord(CLOSING_TIMES_WORD, closings[closingKey(round)]!)
  return secondsOrUndefined(Number(times[round % times.length]))
}

/** Zero stands for "not known yet". */
function secondsOrUndefined(seconds: number): number | undefined {
  return seconds === 0 ? undefined : seconds
}
