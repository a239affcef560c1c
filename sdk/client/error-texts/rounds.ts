import { assay, type ErrorText, NEVER, phase, text, time, tokens } from './text.ts'

/** Errors of Rounds. */
export const ROUNDS_TEXTS: Record<string, ErrorText> = {
  Rounds_OnlyTasks: text(
    (v) => `Only the tasks contract ${v.tasks} makes this call, not ${v.caller}.`,
    'Enrol, join or leave through the tasks contract.',
  ),
  Rounds_UnknownTask: text((v) => `There is no task ${v.taskId}.`, 'See which there are: assay task list.'),
  Rounds_WrongPhase: text(
    (v) => `The round of task ${v.taskId} is ${phase(v.actual)}; this needs it to be ${phase(v.needed)}.`,
    "Look at the round's times and come back in that phase.",
  ),
  Rounds_TaskClosed: text(
    (v) => `Task ${v.taskId} is closed.`,
    'Choose another task; no further round opens here.',
  ),
  Rounds_AllRoundsDone: text(
    (v) => `Task ${v.taskId} pays for ${v.maxRounds} rounds, and none is left that this could count for.`,
    'Choose another task; its owner can close this one for a refund.',
  ),
  Rounds_TooFewContributors: text(
    (v) => `${v.enrolled} contributors are enrolled, a round needs ${v.minimum}.`,
    'Wait until more have enrolled.',
  ),
  Rounds_TooFewValidators: text(
    (v) => `${v.weighted} validators have weight, a round needs ${v.minimum}.`,
    'Wait until more validators have joined with enough stake and are ready: their oracles need the held-out pool.',
  ),
  Rounds_NotEnrolled: text((v) => `${v.account} is not enrolled in task ${v.taskId}.`, 'Enrol first.'),
  Rounds_AlreadySubmitted: text(
    (v) => `${v.contributor} has submitted in round ${v.round} of task ${v.taskId} already.`,
    'Nothing is left to do: the first submission counts.',
  ),
  Rounds_NotDrawnToSubmit: text(
    (v) =>
      `${v.contributor} is not drawn for round ${v.round} of task ${v.taskId}: more are enrolled than it has slots.`,
    'Wait for the next round: its slots are drawn anew, weighted by reputation.',
  ),
  Rounds_EnrolledTooLate: text(
    (v) => `${v.contributor} enrolled after round ${v.round} of task ${v.taskId} had opened.`,
    'Submit to the next round.',
  ),
  Rounds_SlotsFull: text(
    (v) => `All ${v.slots} slots of the round of task ${v.taskId} are taken.`,
    'Submit earlier in the next round.',
  ),
  Rounds_ZeroCommitment: text(() => 'The commitment is zero.', "Give the submission's commitment."),
  Rounds_WrongRound: text(
    (v) => `Task ${v.taskId} is in round ${v.actual}, not in round ${v.given}.`,
    (v) => `Sign and send for round ${v.actual}.`,
  ),
  Rounds_LengthMismatch: text(
    (v) => `A list has ${v.actual} items where ${v.expected} are needed.`,
    'Give lists that belong together: two words a cohort, one contributor a member, 65 bytes a signature.',
  ),
  Rounds_BeaconPending: text(
    (v) => `Beacon value ${v.beaconId} does not exist yet.`,
    'Seal again in a few blocks.',
  ),
  Rounds_NotInRoster: text(
    (v) => `${v.account} has no place in the roster of task ${v.taskId} that this needs.`,
    'Join the validators and be ready; places count from the round after the next one on.',
  ),
  Rounds_AlreadyCommitted: text(
    (v) =>
      `You have committed scores in round ${v.round} of task ${v.taskId} already (attempt ${v.attempt}).`,
    'Reveal what was committed; a second commitment never counts.',
  ),
  Rounds_CommitmentMismatch: text(
    (v) => `The revealed scores hash to ${v.revealed}, committed was ${v.committed}.`,
    'Reveal exactly the cohorts, words and salt that were committed, from the account that did.',
  ),
  Rounds_NotDrawn: text(
    (v) => `${v.validator} has no seat in cohort ${v.cohort}.`,
    'Leave out cohorts that were not drawn for you.',
  ),
  Rounds_UnknownCohort: text(
    (v) => `There is no cohort ${v.cohort}: the round has ${v.cohorts}, counted from 0.`,
    'Name cohorts of this round.',
  ),
  Rounds_AlreadyRevealed: text(
    (v) => `${v.validator} has revealed its scores of cohort ${v.cohort} already.`,
    'Nothing is left to do for that cohort.',
  ),
  Rounds_NoRedraw: text(
    (v) => `Cohort ${v.cohort} had a majority of reveals: its committee is not drawn again.`,
    'Leave it out; it can be settled.',
  ),
  Rounds_BadEntry: text(
    (v) => `Entry ${v.position} of cohort ${v.cohort} is out of range (${v.entry}).`,
    'Use quality 0 … 10,000 (or 16,382, 16,383) and rarity 0 … 20,000; entries beyond the cohort are zero.',
  ),
  Rounds_WrongContributor: text(
    (v) => `${v.contributor} is not the member at position ${v.position} of cohort ${v.cohort}.`,
    'Give the members in cohort and position order, as the beacon puts them.',
  ),
  Rounds_NoMajority: text(
    (v) => `${v.revealed} seats of cohort ${v.cohort} revealed, ${v.needed} are needed.`,
    'Wait for the redraw; void the cohort when that ends without a majority too.',
  ),
  Rounds_HasMajority: text(
    (v) => `${v.revealed} seats of cohort ${v.cohort} revealed: a majority.`,
    'Settle it; it cannot be voided.',
  ),
  Rounds_CohortDone: text(
    (v) => `Cohort ${v.cohort} is settled or void already.`,
    'Nothing is left to do for it.',
  ),
  Rounds_CohortNotSettled: text(
    (v) => `Cohort ${v.cohort} is not settled.`,
    'Vote on the aggregates of settled cohorts only.',
  ),
  Rounds_AlreadyVoted: text(
    (v) => `${v.validator} has voted already (cohort ${v.cohort}).`,
    'Nothing is left to do: a vote is final.',
  ),
  Rounds_NoVotes: text(
    () => 'The call has no vote.',
    'Name at least one cohort, and the hash of its aggregate.',
  ),
  Rounds_NothingMatured: text(
    (v) =>
      BigInt(v.nextMaturesAt as bigint) === 0n
        ? `${v.account} has no earnings waiting in task ${v.taskId}.`
        : `Nothing that ${v.account} earned in task ${v.taskId} has matured yet; the next does at ${time(v.nextMaturesAt)}.`,
    (v) =>
      BigInt(v.nextMaturesAt as bigint) === 0n
        ? 'Take part in a round first; held earnings wait for a passed audit.'
        : `Claim after ${time(v.nextMaturesAt)}.`,
  ),
  Rounds_NotCollected: text(
    (v, unit) => {
      const [amount, available] = tokens(unit, v.amount, v.available)
      return `Of the ${amount} to be claimed in task ${v.taskId} only ${available} have left the escrow: the rest was credited by the round that is still open, or the reward token refused to move it.`
    },
    (v) => `Move it with assay collect ${v.taskId}, then claim again.`,
  ),
  Rounds_GasTooLow: text(
    (v) => `The call needs ${v.needed} gas at its end, ${v.available} were left.`,
    'Send it with a higher gas limit.',
  ),
  Rounds_EnrolmentBound: text(
    (v) =>
      `No round of task ${v.taskId} has counted the enrolment yet: it stays until one that counts it is final.`,
    (v) => `Leave once such a round is final, or after ${time(v.boundUntil)} if none opens before.`,
  ),
  Rounds_NotFinal: text(
    (v) =>
      v.finalAt === NEVER
        ? `The last round that binds you in task ${v.taskId} is still open.`
        : `The last round that binds you in task ${v.taskId} is final at ${time(v.finalAt)}.`,
    (v) =>
      v.finalAt === NEVER
        ? 'Leave, or release a stake, when that round has ended and its challenge window is over.'
        : `Leave, or release a stake, after ${time(v.finalAt)}.`,
  ),
  Rounds_ReleaseTooLow: text(
    (v) =>
      `Leaving would release ${v.released} wei of your held pay now, less than the ${v.minReleased} wei you ask for.`,
    'Stay and take part until the next audit, or leave with a lower --min-released; what is not released is lost.',
  ),
  Rounds_NothingHeld: text(
    (v) => `No pay of ${v.contributor} is held in task ${v.taskId}.`,
    'Nothing is left to do.',
  ),
  Rounds_NotReleasable: text(
    (v) =>
      `Until ${time(v.releaseAt)} only the contributor itself can end the hold in task ${v.taskId}, by leaving.`,
    (v) => `Try again after ${time(v.releaseAt)}, if no round opens before.`,
  ),
  Rounds_RosterFull: text(
    (v) => `All 64 places of task ${v.taskId} are taken by bids with at least as much weight.`,
    (v) =>
      v.leastStake === NEVER
        ? 'No bid can have more weight: wait for a validator to leave, or choose another task.'
        : `Bid at least ${assay(v.leastStake, 'up')}.`,
  ),
  Rounds_UnknownPool: text(
    (v) => `${v.poolRoot} is not the root of the pool of task ${v.taskId}, nor of an announced one.`,
    "Get the task's pool from its owner; assay task show names its root.",
  ),
  Rounds_PoolPending: text(
    (v) => `Task ${v.taskId} has announced another pool already, for round ${v.firstRound}.`,
    (v) => `Announce this one once round ${Number(v.firstRound) - 1} has opened.`,
  ),
  Rounds_SamePool: text(
    (v) => `${v.poolRoot} is the pool that task ${v.taskId} has now.`,
    'Announce the root of another pool.',
  ),
  Rounds_StillDrawn: text(
    (v) =>
      `${v.validator} bids for a place in task ${v.taskId}, or can still be drawn in the open round or the next one.`,
    'Leave the validators unless you have, and release the stake when the open round is final.',
  ),
  Rounds_PlaceBound: text(
    (v) =>
      `The place in task ${v.taskId} was won, or is bid for, against another validator, and can't be left before ${time(v.boundUntil)}.`,
    (v) => `Leave after ${time(v.boundUntil)}.`,
  ),
  Rounds_ZeroHash: text(() => 'The hash is zero.', 'Give the hash of what is voted for.'),
  Rounds_NotAContract: text(
    (v) => `${v.account} has no code.`,
    'Deploy with the addresses of tasks, registry and beacon.',
  ),
  Rounds_WrongCode: text(
    (v) => `The code at ${v.piece} has the hash ${v.codeHash}, not ${v.expected}.`,
    'Deploy RoundsExtension, RoundsMembership and RoundsCases of the same build as Rounds; npm run deploy does it.',
  ),
  Rounds_OnlyCourt: text(
    (v) =>
      BigInt(v.court as string) === 0n
        ? `This deployment has no court, and ${v.caller} is none.`
        : `Only the court ${v.court} makes this call, not ${v.caller}.`,
    'Open a case at the court instead.',
  ),
  Rounds_NothingForfeited: text(
    (v) => `No forfeited pay of task ${v.taskId} waits to be returned to its escrow.`,
    'Nothing is left to do.',
  ),
  Rounds_ZeroRecipient: text(
    () => 'The recipient is the zero address.',
    'Name the account that is to be paid.',
  ),
}
