import { type ErrorText, text, time } from './text.ts'

const STATUSES = ["doesn't exist", 'was committed to', 'was opened', 'was withdrawn', 'was burnt']
const status = (value: unknown): string => STATUSES[Number(value)] ?? `has status ${value}`
const isZero = (value: unknown): boolean => BigInt(value as bigint) === 0n

/** Errors of Canaries. */
export const CANARIES_TEXTS: Record<string, ErrorText> = {
  Canaries_NotAContract: text((v) => `${v.account} has no code.`, 'Give the address of a deployed contract.'),
  Canaries_RoundNotAhead: text(
    (v) =>
      `Round ${v.round} of task ${v.taskId} can't have a new canary: its round ${v.current} is the latest one, and its last one is ${v.last}.`,
    'Commit before the round opens, to a round that the task can still have.',
  ),
  Canaries_ZeroDigest: text(
    () => 'The commitment is zero.',
    'Give the hash of what the canary hides, with a fresh salt.',
  ),
  Canaries_WrongStatus: text(
    (v) => `Canary ${v.canaryId} ${status(v.status)}; the call needs one that ${status(v.needed)}.`,
    "See where each of a task's canaries stands: assay canary show <task>.",
  ),
  Canaries_OnlyOwner: text(
    (v) => `Canary ${v.canaryId} belongs to ${v.owner}, not to ${v.caller}.`,
    'Sign with the key that committed to it.',
  ),
  Canaries_WrongDigest: text(
    (v) => `What was given hashes to ${v.given}, the commitment of canary ${v.canaryId} is ${v.stored}.`,
    'Give contributor, answer and salt as they were when you committed: they are in the canary file.',
  ),
  Canaries_WrongRange: text(
    (v) => `A quality can't be between ${v.least} and ${v.most} bps.`,
    'Bounds are in order and at most 10,000 bps. This canary can never be opened.',
  ),
  Canaries_TooEarly: text(
    (v) =>
      `Seats may still score the round of canary ${v.canaryId}, or it isn't sealed yet: round ${v.current} is the task's latest one.`,
    'Open it once all cohorts are settled or void; withdraw an unsubmitted one once the round is sealed.',
  ),
  Canaries_TooLate: text(
    (v) =>
      isZero(v.finalAt)
        ? `The chain has forgotten the round of canary ${v.canaryId}.`
        : `The round of canary ${v.canaryId} is final since ${time(v.finalAt)}.`,
    'Nothing is left to do: its bond can only be burnt.',
  ),
  Canaries_HasOpening: text(
    (v) => `The submission is ${v.given}; one that nothing can open would be ${v.needed}.`,
    'Submit what assay canary submit sends: only that is proven to have no opening.',
  ),
  Canaries_OpenedBefore: text(
    (v) => `Submission ${v.submission} is another opened canary of yours; ${v.canaryId} says it once more.`,
    'Commit once for each submission. The bond of the second canary is lost.',
  ),
  Canaries_WrongResults: text(
    (v) =>
      isZero(v.stored)
        ? `Cohort ${v.cohort} is void: it has no results.`
        : `The results of cohort ${v.cohort} hash to ${v.given}, the record of the round has ${v.stored}.`,
    'Give all results of the cohort from its event CohortSettled, in order.',
  ),
  Canaries_StillBound: text(
    (v) => `The round of canary ${v.canaryId} has opened: round ${v.current} is the task's latest one.`,
    "Open the canary once the round's cohorts are done, or say that its contributor didn't submit.",
  ),
  Canaries_Submitted: text(
    (v) =>
      `${v.contributor} has submitted to round ${v.lastRound}: to the round of canary ${v.canaryId}, or to a later one.`,
    'If it submitted, open the canary. Else withdraw before the account submits again.',
  ),
  Canaries_NotExpired: text(
    (v) =>
      isZero(v.finalAt)
        ? `Canary ${v.canaryId} can still be opened or withdrawn.`
        : `Canary ${v.canaryId} can be opened until ${time(v.finalAt)}, or its round was void.`,
    'Only a canary that nobody opened in time is burnt.',
  ),
  Canaries_JudgedBefore: text(
    (v) => `What ${v.validator} said of canary ${v.canaryId} is booked already.`,
    'Nothing is left to do: each seat counts once.',
  ),
  Canaries_SaysNothing: text(
    (v) => `Entry ${v.entry} neither agrees with canary ${v.canaryId} nor contradicts it.`,
    'Book only seats that judged the update: this one did not look at it, or could not.',
  ),
}
