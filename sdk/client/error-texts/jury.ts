import { assay, assays, type ErrorText, text, time } from './text.ts'

/** The jury's value for the time at which a juror that stays is free. */
const NEVER_LEAVES = 2n ** 40n - 1n
const STATUSES = [
  'unknown',
  'waiting for its draw',
  'taking commitments',
  'taking reveals',
  'ended',
  'without a jury',
]
const status = (value: unknown): string => STATUSES[Number(value)] ?? `in status ${value}`

/** Errors of Jury. */
export const JURY_TEXTS: Record<string, ErrorText> = {
  Jury_OnlyCourt: text(
    (v) => `Only the court ${v.court} makes this call, not ${v.caller}.`,
    'Join, leave or open a case through the court.',
  ),
  Jury_OutOfBounds: text(
    (v) => `${v.parameter} is ${v.value}, outside ${v.minimum} … ${v.maximum}.`,
    (v) => `Choose a value between ${v.minimum} and ${v.maximum}.`,
  ),
  Jury_EvenSeats: text(
    (v) => `${v.parameter} is ${v.seats}: an even number of jurors could be tied.`,
    'Choose an odd number.',
  ),
  Jury_AlreadySeated: text(
    (v) => `${v.juror} has place ${v.place} of the jury, or its stake there isn't released yet.`,
    'Release the stake of a place that was left, then join again; or join with another account.',
  ),
  Jury_NotAJuror: text((v) => `${v.juror} has no place in the jury.`, 'Join the jury first.'),
  Jury_StakeTooLow: text(
    (v) => {
      const [stake, minimum] = assays(v.stake, v.minimum)
      return `A juror reserves at least ${minimum}, not ${stake}.`
    },
    (v) => `Join with ${assay(v.minimum, 'up')} or more.`,
  ),
  Jury_RosterFull: text(
    (v) => `All places of the jury have a weight of ${v.smallest} or more, this stake has ${v.weight}.`,
    (v) => `Join with more than ${v.smallest}/256 of the minimum, or wait until a juror leaves.`,
  ),
  Jury_StillBound: text(
    (v) =>
      BigInt(v.freeAt as bigint) === NEVER_LEAVES
        ? `${v.juror} hasn't left the jury.`
        : `A case can still need juror ${v.juror}, until ${time(v.freeAt)}.`,
    (v) =>
      BigInt(v.freeAt as bigint) === NEVER_LEAVES
        ? 'Leave first, and release the stake later.'
        : `Release the stake after ${time(v.freeAt)}.`,
  ),
  Jury_WrongStatus: text(
    (v) => `Panel ${v.panelId} is ${status(v.status)}; this needs it to be ${status(v.needed)}.`,
    "Look at the panel's times and come back in that phase.",
  ),
  Jury_NoPoll: text(
    (v) => `The verdict of case ${v.caseId} wasn't suspended: there is nothing to vote about.`,
    'Vote while the guardian suspends a verdict.',
  ),
  Jury_NotInPoll: text(
    (v) =>
      `${v.caller} wasn't the juror at place ${v.place} when the verdict of case ${v.caseId} was suspended.`,
    'Name the own place; only who was a juror then can vote.',
  ),
  Jury_PollVoted: text(
    (v) => `${v.juror} has voted about the verdict of case ${v.caseId}.`,
    'Nothing is left to do: a juror votes once.',
  ),
  Jury_PanelExists: text(
    (v) => `There is a panel ${v.panelId} already.`,
    'Only the court numbers panels; users never need this call.',
  ),
  Jury_BeaconPending: text(
    (v) => `Beacon value ${v.beaconId} of panel ${v.panelId} does not exist yet.`,
    'Draw again in a few blocks.',
  ),
  Jury_NoSeat: text(
    (v) => `${v.caller} has no seat at place ${v.place} of panel ${v.panelId}.`,
    'Vote only in panels that drew this account, with its own place.',
  ),
  Jury_AlreadyVoted: text(
    (v) => `${v.juror} has voted in panel ${v.panelId} already.`,
    'Nothing is left to do: the first vote counts.',
  ),
  Jury_ZeroVote: text(
    (v) => `A vote in panel ${v.panelId} is zero.`,
    'Give the value that was computed, or one of the answers with a meaning of their own.',
  ),
  Jury_CommitmentMismatch: text(
    (v) => `This reveal for panel ${v.panelId} has hash ${v.given}, the commitment is ${v.committed}.`,
    'Reveal the result, witness and salt that were committed to, from the same account.',
  ),
}
