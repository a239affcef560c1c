/** What a task remembers of contributors and validators, from the words of Rounds. RoundsLens says the same on chain. */
import type { Address } from 'viem'
import { type Bid, bidAtPlace, bidIn, bidSlots } from './bid-views.ts'
import { weightsIn } from './committee-views.ts'
import { uptimeBps } from './reputation.ts'
import { hashIn, ofAccount, ofTask, ofWeights, type SlotWords } from './rounds-slots.ts'
import { isDrawnToSubmit, slotProbabilityBps } from './sampling.ts'
import {
  HELD_WORD,
  PARTICIPANT_WORD,
  ROUND_START_WORD,
  ROUND_TERMS_WORD,
  ROUND_WORD,
  unpackNumbers,
  unpackWord,
  VALIDATOR_WORD,
} from './words.ts'

// ---- contributors

/** A contributor's record; all zero for who never enrolled. */
export type ParticipantRecord = {
  /** Whether it takes part now. */
  enrolled: boolean
  /** Whether an audit failed since the last passed one. */
  flagged: boolean
  /** Whether an update was ever audited or failed a gate. */
  judged: boolean
  /** Rounds that pay is held of, the first one first; at most 128, without still earlier ones. */
  heldRounds: number[]
  /** Last round submitted to, 0 for none. */
  lastRound: number
  /** Index of that submission, from 0. */
  index: number
  /** Last round of which an update was settled, 0 for none. */
  settledRound: number
  /** Running Q of judged rounds, 0…10,000. */
  runningQualityBps: number
  /** Running R of judged rounds, 0…20,000. */
  runningRarityBps: number
  /** ρ, 5,000…15,000; 0 for who never enrolled. */
  reputationBps: number
  /** m, pooled windows replayed without a miss, 0…48. */
  provenWindows: number
  /** D, capped by the task's limit. */
  dataUnits: number
  /** Settled rounds, counted up to 65,535. */
  seen: number
  /** First round after the last enrolment; it doesn't count the enrolment if it opened in the same block. 0 for who never enrolled. */
  firstRound: number
  /** Unix seconds of the last enrolment, 0 for who never enrolled. */
  enrolledAt: number
}

/** The slots that {@link participantOf} decodes. */
export function participantSlots(taskId: bigint, contributor: Address) {
  return {
    participant: ofAccount('participants', taskId, contributor),
    enrolledAt: ofAccount('enrolledAt', taskId, contributor),
    held: ofAccount('held', taskId, contributor),
  }
}

/** A contributor's record. */
export function participantOf(words: SlotWords<ReturnType<typeof participantSlots>>): ParticipantRecord {
  const word = unpackNumbers(PARTICIPANT_WORD, words.participant)
  return {
    enrolled: word.enrolled === 1,
    flagged: word.flagged === 1,
    judged: word.judged === 1,
    heldRounds: heldRoundsIn(words.held),
    lastRound: word.lastRound,
    index: word.index,
    settledRound: word.settledRound,
    runningQualityBps: word.runningQuality,
    runningRarityBps: word.runningRarity,
    reputationBps: word.reputation,
    provenWindows: word.provenWindows,
    dataUnits: word.dataUnits,
    seen: word.seen,
    firstRound: word.firstRound,
    enrolledAt: Number(words.enrolledAt),
  }
}

/** The rounds of a {@link HELD_WORD}'s set, the first one first. */
function heldRoundsIn(word: bigint): number[] {
  const { round, rounds } = unpackWord(HELD_WORD, word)
  const found: number[] = []
  for (let back = 0n; rounds >> back !== 0n; back++)
    if ((rounds >> back) & 1n) found.push(Number(round - back))
  return found.reverse()
}

/** The slots that {@link maySubmit} decodes. */
export function maySubmitSlots(taskId: bigint, contributor: Address) {
  return {
    round: ofTask('rounds', taskId),
    terms: ofTask('roundTerms', taskId),
    start: ofTask('starts', taskId),
    previousBeacon: ofTask('previousBeacons', taskId),
    ...participantSlots(taskId, contributor),
  }
}

const SUBMIT = 1

/**
 * Whether a contributor may submit in the current round; false too when no round takes submissions.
 *
 * @param at whose words they are, and the unix seconds of the block that they are of
 */
export function maySubmit(
  words: SlotWords<ReturnType<typeof maySubmitSlots>>,
  at: { taskId: bigint; contributor: Address; time: number },
): boolean {
  const round = unpackNumbers(ROUND_WORD, words.round)
  if (round.status !== SUBMIT || at.time >= round.submitEnd) return false

  const participant = unpackNumbers(PARTICIPANT_WORD, words.participant)
  if (participant.enrolled === 0 || round.round < participant.firstRound) return false
  if (participant.lastRound === round.round || round.submissions >= round.slots) return false
  if (round.selective === 0) return true

  const openedAt = round.submitEnd - unpackNumbers(ROUND_TERMS_WORD, words.terms).submitSeconds
  if (participant.firstRound === round.round && Number(words.enrolledAt) === openedAt) return false
  const { reputationSum, enrolled } = unpackWord(ROUND_START_WORD, words.start)
  const probabilityBps = slotProbabilityBps({
    reputationBps: participant.reputation,
    reputationSum: Number(reputationSum),
    slots: round.slots,
    enrolled: Number(enrolled),
  })
  const { taskId, contributor } = at
  const previousBeacon = hashIn(words.previousBeacon)
  return isDrawnToSubmit({ previousBeacon, taskId, round: round.round, contributor, probabilityBps })
}

// ---- validators

/** A validator's place, weight and record in a task. */
export type ValidatorState = {
  /** Its index in the frozen roster, 0…63; undefined without a place there. */
  rosterIndex: number | undefined
  /** Whether the frozen roster has it. */
  seated: boolean
  /** Weight in this round's draws, 0 or 204…1,024. */
  frozenWeight: number
  /** Its bid for a place in the next roster; undefined after leaving. */
  bid: Bid | undefined
  /** Unix seconds until which it must keep its place; undefined when it may leave. */
  boundUntil: number | undefined
  /** Last round in which duties were counted. */
  lastRound: number
  /** Accurate entries in that round. */
  accurateEntries: number
  /** Decayed sum of duties, in 1/256 of one. */
  dutySum: number
  /** Decayed sum of those done in time, in 1/256 of one. */
  doneSum: number
  /** Duties ever, counted up to 65,535. */
  dutyTotal: number
  /** U, 0 or 10,000…12,000. */
  uptimeBps: number
  /** Missed rounds of the last ten with duties. */
  missedRounds: number
}

/** The slots that {@link validatorOf} decodes. */
export function validatorSlots(taskId: bigint, validator: Address) {
  return {
    validator: ofAccount('validators', taskId, validator),
    joined: ofAccount('joined', taskId, validator),
    weights: ofWeights(taskId),
    // Which of them is the validator's stands in its own word.
    ...bidSlots(taskId),
  }
}

type ValidatorWords = SlotWords<ReturnType<typeof validatorSlots>>

/** A validator's place, weight and record. */
export function validatorOf(words: ValidatorWords): ValidatorState {
  const word = unpackNumbers(VALIDATOR_WORD, words.validator)
  const rosterIndex = word.frozenPlace === 0 ? undefined : word.frozenPlace - 1
  return {
    rosterIndex,
    seated: rosterIndex !== undefined,
    frozenWeight: rosterIndex === undefined ? 0 : (weightsIn(words.weights)[rosterIndex] ?? 0),
    bid:
      word.nextPlace === 0 ? bidIn(words.joined, 'joined') : bidAtPlace(words.nextRoster, word.nextPlace - 1),
    boundUntil: word.boundUntil === 0 ? undefined : word.boundUntil,
    lastRound: word.tallyRound,
    accurateEntries: word.entries,
    dutySum: word.dutySum,
    doneSum: word.doneSum,
    dutyTotal: word.dutyTotal,
    uptimeBps: uptimeBps(word.dutySum, word.doneSum, word.dutyTotal),
    missedRounds: sizeOfSet(word.history),
  }
}

/** How many bits are set. */
function sizeOfSet(set: number): number {
  return set.toString(2).replaceAll('0', '').length
}
