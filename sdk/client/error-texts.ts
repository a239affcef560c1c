/** What each error of the contracts means and what to do about it. A test holds that none is missing. */
import { formatEther } from 'viem'

type Values = Record<string, unknown>
export type ErrorText = { message: (values: Values) => string; fix: (values: Values) => string }

const PHASES = [
  'idle',
  'accepting submissions',
  'waiting for its submissions to be closed',
  'waiting for its seal',
  'in the opening phase',
  'in the score commit phase',
  'in the score reveal phase',
  'in the redraw commit phase',
  'in the redraw reveal phase',
  'waiting to be settled',
  'in the cohort vote',
  'in the root vote',
  'waiting to be finalized',
]
const ROLES = ['no role', 'contributor', 'validator']

const REPORT = 'This must not happen: please report it with the transaction.'
const text = (
  message: (values: Values) => string,
  fix: string | ((values: Values) => string),
): ErrorText => ({
  message,
  fix: typeof fix === 'string' ? () => fix : fix,
})
const assay = (value: unknown): string => `${formatEther(BigInt(value as bigint))} ASSAY`
const time = (seconds: unknown): string => {
  const ms = Number(seconds) * 1_000
  return ms <= 8.64e15
    ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    : `second ${seconds}`
}
/** What a round that is still open has as the time at which it is final. */
const NEVER = 2n ** 256n - 1n
const phase = (value: unknown): string => PHASES[Number(value)] ?? `in phase ${value}`
const role = (value: unknown): string => ROLES[Number(value)] ?? `role ${value}`

const STAKING: Record<string, ErrorText> = {
  StakeRegistry_OnlyDeployer: text(
    (v) => `Only the deployer ${v.deployer} can connect the registry, not ${v.caller}.`,
    'Connect with the deployer key; users never need this call.',
  ),
  StakeRegistry_AlreadyConnected: text(
    (v) => `The registry is connected already, to tasks ${v.tasks} and slasher ${v.slasher}.`,
    'Nothing is left to do: it can be connected once only.',
  ),
  StakeRegistry_NotAContract: text(
    (v) => `${v.account} has no code, so it can't hold a role.`,
    'Give the address of a deployed contract.',
  ),
  StakeRegistry_UnbondingOutOfBounds: text(
    (v) => `An unbonding time of ${v.unbondingSeconds} s is outside ${v.minimum} … ${v.maximum} s.`,
    (v) => `Deploy with a time between ${v.minimum} and ${v.maximum} seconds.`,
  ),
  StakeRegistry_OnlyTasks: text(
    (v) => `Only the tasks contract ${v.tasks} reserves stake, not ${v.caller}.`,
    'Enrol or join through the tasks contract.',
  ),
  StakeRegistry_OnlySlasher: text(
    (v) => `Only the slasher ${v.slasher} can slash, not ${v.caller}.`,
    'Slashes follow from the rounds; nobody calls them.',
  ),
  StakeRegistry_ZeroAmount: text(() => 'The amount is zero.', 'Give an amount above zero.'),
  StakeRegistry_FreeStakeTooLow: text(
    (v) => `This needs ${assay(v.requested)} of free stake, and ${assay(v.free)} is free.`,
    (v) => {
      const [requested, free] = [BigInt(v.requested as bigint), BigInt(v.free as bigint)]
      const smaller = free > 0n ? `, ask for at most ${assay(free)}` : ''
      return `Stake ${assay(requested - free)} more${smaller}, or leave a task that reserves stake.`
    },
  ),
  StakeRegistry_AlreadyUnbonding: text(
    (v) => `${assay(v.amount)} are unbonding already, until ${time(v.availableAt)}.`,
    'Withdraw them when their time has come, or cancel that request and make one for the sum.',
  ),
  StakeRegistry_NothingUnbonding: text(() => 'No stake is unbonding.', 'Request to unstake first.'),
  StakeRegistry_StillUnbonding: text(
    (v) => `The stake is still unbonding, until ${time(v.availableAt)}.`,
    (v) => `Withdraw after ${time(v.availableAt)}.`,
  ),
  StakeRegistry_AlreadyReserved: text(
    (v) => `Task ${v.taskId} reserves ${assay(v.amount)} of ${v.account} already.`,
    'An account holds one role per task: leave it first.',
  ),
  StakeRegistry_NothingSlashed: text(
    () => 'Nothing was slashed since the last burn.',
    'Nothing is left to do.',
  ),
  StakeRegistry_PermitRefused: text(
    (v) => `The permit does not hold: the allowance is ${assay(v.allowance)}, ${assay(v.needed)} are needed.`,
    'Sign a new permit for the amount, or approve the registry and stake without one.',
  ),
}

/** Values that follow from several fields of a task, or whose bounds do. */
const DERIVED: Readonly<Record<string, string>> = {
  challengeSeconds:
    'at most seven submit phases, and at most four times submit, open, commit and reveal together',
  roundSeconds: 'the longest round: submit and open once, commit, reveal and aggregate twice',
  windowsPerRound: 'at least replayWindows',
  'stepsPerRound % windowsPerRound': 'every window has the same number of steps',
  largestRoundCost: 'what all slots can earn in a round at these prices',
}

const TASKS: Record<string, ErrorText> = {
  Tasks_OnlyDeployer: text(
    (v) => `Only the deployer ${v.deployer} can connect the tasks contract, not ${v.caller}.`,
    'Connect with the deployer key; users never need this call.',
  ),
  Tasks_AlreadyConnected: text(
    (v) => `The tasks contract is connected already, to rounds ${v.rounds}.`,
    'Nothing is left to do: it can be connected once only.',
  ),
  Tasks_NotConnected: text(
    () => 'The tasks contract is not connected to the rounds yet.',
    'Finish the deployment first.',
  ),
  Tasks_NotAContract: text(
    (v) => `${v.account} has no code.`,
    'Give the address of a deployed contract: an ERC-20 for rewards.',
  ),
  Tasks_UnbondingTooShort: text(
    (v) => `Stake unbonds in ${v.unbondingSeconds} s, a case can take ${v.longestCaseSeconds} s.`,
    (v) => `Deploy the registry with more than ${v.longestCaseSeconds} seconds.`,
  ),
  Tasks_OnlyRounds: text(
    (v) => `Only the rounds contract ${v.rounds} moves a task's escrow, not ${v.caller}.`,
    'Use the calls of the rounds contract: open a round, finalize it, claim.',
  ),
  Tasks_UnknownTask: text((v) => `There is no task ${v.taskId}.`, 'See which there are: assay task list.'),
  Tasks_OnlyOwner: text(
    (v) => `Task ${v.taskId} belongs to ${v.owner}, not to ${v.caller}.`,
    "Sign with the owner's key.",
  ),
  Tasks_Closed: text(
    (v) => `Task ${v.taskId} is closed.`,
    'Choose another task; a closed one never opens again.',
  ),
  Tasks_NotClosed: text(
    (v) => `Task ${v.taskId} is not closed.`,
    'Close it first: what is not reserved is refunded at once.',
  ),
  Tasks_OutOfBounds: text(
    (v) => `${v.parameter} is ${v.value}, outside ${v.minimum} … ${v.maximum}.`,
    (v) => {
      const origin = DERIVED[`${v.parameter}`]
      const why = origin === undefined ? '' : ` (${origin})`
      return `Give ${v.parameter} a value between ${v.minimum} and ${v.maximum}${why}.`
    },
  ),
  Tasks_ZeroHash: text(
    (v) => `${v.parameter} is zero.`,
    (v) => `Give the hash for ${v.parameter}.`,
  ),
  Tasks_ZeroAmount: text(() => 'The amount is zero.', 'Give an amount above zero.'),
  Tasks_FundingTooLarge: text(
    (v) => `The funding would reach ${v.total} wei; a task holds at most ${v.maximum} wei.`,
    'Fund less, or use several tasks.',
  ),
  Tasks_InexactTransfer: text(
    (v) => `The token ${v.token} moved ${v.received} wei instead of ${v.asked}.`,
    'Use a reward token without transfer fees or rebasing.',
  ),
  Tasks_BalanceBelowBooks: text(
    (v) =>
      `The escrow holds ${v.balance} wei of ${v.token}, its books say ${v.booked}: the token took some away.`,
    'No round opens on this token until the difference is sent to the tasks contract.',
  ),
  Tasks_FundsTooLow: text(
    (v) => `Task ${v.taskId} needs ${v.needed} reward wei for a round and has ${v.available}.`,
    (v) => `Fund the task with ${BigInt(v.needed as bigint) - BigInt(v.available as bigint)} wei or more.`,
  ),
  Tasks_HasRole: text(
    (v) => `${v.account} is a ${role(v.role)} of task ${v.taskId} already.`,
    'An account holds one role per task: leave it first, or use another account.',
  ),
  Tasks_LacksRole: text(
    (v) => `${v.account} is no ${role(v.needed)} of task ${v.taskId}.`,
    (v) => (Number(v.needed) === 2 ? 'Join the validators first.' : 'Enrol in the task first.'),
  ),
  Tasks_StakeTooLow: text(
    (v) => `${assay(v.amount)} are below the task's minimum of ${assay(v.minimum)}.`,
    (v) => `Join with at least ${assay(v.minimum)}.`,
  ),
  Tasks_EncryptionKeyLength: text(
    (v) => `The encryption key has ${v.length} bytes, outside ${v.minimum} … ${v.maximum}.`,
    'Give the public key that the oracle made.',
  ),
  Tasks_NothingToRefund: text(
    (v) => `Task ${v.taskId} has nothing to refund now.`,
    'A round that is open gives back what it leaves when it ends; what contributors have earned stays theirs.',
  ),
}

const ROUNDS: Record<string, ErrorText> = {
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
    (v) => `Task ${v.taskId} pays for ${v.maxRounds} rounds, and the last of them has opened.`,
    'Choose another task; its owner can close this one for a refund.',
  ),
  Rounds_TooFewContributors: text(
    (v) => `${v.enrolled} contributors are enrolled, a round needs ${v.minimum}.`,
    'Wait until more have enrolled.',
  ),
  Rounds_TooFewValidators: text(
    (v) => `${v.weighted} validators have weight, a round needs ${v.minimum}.`,
    'Wait until more validators have joined with enough stake.',
  ),
  Rounds_NotEnrolled: text((v) => `${v.account} is not enrolled in task ${v.taskId}.`, 'Enrol first.'),
  Rounds_AlreadySubmitted: text(
    (v) => `${v.contributor} has submitted in round ${v.round} of task ${v.taskId} already.`,
    'Nothing is left to do: the first submission counts.',
  ),
  Rounds_NotDrawnToSubmit: text(
    (v) =>
      `${v.contributor} has no place in round ${v.round} of task ${v.taskId}: more are enrolled than it has slots.`,
    'Wait for the next round; its places are drawn anew, by reputation.',
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
    (v) => `${v.account} has no frozen weight in task ${v.taskId}.`,
    'Join the validators; places count from the next round on.',
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
    (v) =>
      `Of the ${v.amount} wei to be claimed in task ${v.taskId} only ${v.available} have left the escrow: the rest was credited by the round that is still open, or the reward token refused to move it.`,
    (v) => `Claim again when the round has ended; \`assay collect ${v.taskId}\` asks the token once more.`,
  ),
  Rounds_GasTooLow: text(
    (v) => `The call needs ${v.needed} gas at its end, ${v.available} were left.`,
    'Send it with a higher gas limit.',
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
  Rounds_RosterFull: text(
    (v) => `All 64 places of task ${v.taskId} are taken; the smallest stake is ${assay(v.smallestStake)}.`,
    (v) => `Join with more than ${assay(v.smallestStake)}.`,
  ),
  Rounds_StillDrawn: text(
    (v) => `${v.validator} has a place in the draws of task ${v.taskId}, of the open round or of the next.`,
    'Leave the validators unless that is done, and release the stake when the round that is open is final.',
  ),
  Rounds_PlaceBound: text(
    (v) =>
      `The place in task ${v.taskId} was taken from another by a higher stake, and binds until ${time(v.boundUntil)}.`,
    (v) => `Leave after ${time(v.boundUntil)}.`,
  ),
  Rounds_ZeroHash: text(() => 'The hash is zero.', 'Give the hash of what is voted for.'),
  Rounds_NotAContract: text(
    (v) => `${v.account} has no code.`,
    'Deploy with the addresses of tasks, registry and beacon.',
  ),
  Rounds_WrongExtension: text(
    (v) => `The code at ${v.extension} has the hash ${v.codeHash}, not ${v.expected}.`,
    'Deploy RoundsExtension of the same build as Rounds; npm run deploy does it.',
  ),
  Rounds_ZeroRecipient: text(
    () => 'The recipient is the zero address.',
    'Name the account that is to be paid.',
  ),
}

const LIBRARIES: Record<string, ErrorText> = {
  Sampling_TooFewValidators: text(
    (v) => `Only ${v.drawn} of ${v.needed} seats could be drawn from the frozen roster.`,
    'The cohort has no redraw: void it when the redraw ends.',
  ),
  Sampling_UnknownCohort: text(
    (v) => `There is no cohort ${v.cohort}: the round has ${v.cohorts}, counted from 0.`,
    'Name cohorts of this round.',
  ),
  Sampling_PositionOutOfRange: text(
    (v) => `Position ${v.position} is outside the ${v.count} that exist.`,
    'Name positions of this round, counted from 0.',
  ),
  Sampling_ZeroMinimumStake: text(() => 'The minimum stake is zero.', REPORT),
  Bits_DoesNotFit: text((v) => `An amount of ${v.value} wei has no room in ${v.bits} bits.`, REPORT),
  RewardFormula_TooManyProvenWindows: text(
    (v) => `${v.proven} proven windows: at most ${v.maximum} are pooled.`,
    REPORT,
  ),
  BlockHashBeacon_DelayOutOfBounds: text(
    (v) => `A beacon delay of ${v.delayBlocks} blocks is outside ${v.minimum} … ${v.maximum}.`,
    (v) => `Deploy with a delay between ${v.minimum} and ${v.maximum} blocks.`,
  ),
}

const TOKENS: Record<string, ErrorText> = {
  ERC20InsufficientBalance: text(
    (v) => `${v.sender} has ${v.balance} wei of the token, ${v.needed} are needed.`,
    'Get more of the token, or use a smaller amount.',
  ),
  ERC20InsufficientAllowance: text(
    (v) => `${v.spender} may take ${v.allowance} wei of the token, ${v.needed} are needed.`,
    (v) => `Approve ${v.spender} for ${v.needed} wei first.`,
  ),
  ERC20InvalidApprover: text((v) => `${v.approver} can't approve.`, 'Sign with an account of your own.'),
  ERC20InvalidReceiver: text((v) => `${v.receiver} can't receive the token.`, 'Name another receiver.'),
  ERC20InvalidSender: text((v) => `${v.sender} can't send the token.`, 'Name another sender.'),
  ERC20InvalidSpender: text((v) => `${v.spender} can't spend the token.`, 'Name another spender.'),
  ERC20ExceededSafeSupply: text(
    (v) => `A supply of ${v.increasedSupply} wei is above the cap of ${v.cap}.`,
    REPORT,
  ),
  ERC2612ExpiredSignature: text((v) => `The permit ended at ${time(v.deadline)}.`, 'Sign a new permit.'),
  ERC2612InvalidSigner: text(
    (v) => `The permit was signed by ${v.signer}, not by ${v.owner}.`,
    'Sign it with the account that holds the tokens, for the right chain and amount.',
  ),
  ERC5805FutureLookup: text(
    (v) => `Votes at ${v.timepoint} are asked for, it is ${v.clock} now.`,
    'Ask for a time in the past.',
  ),
  InvalidAccountNonce: text(
    (v) => `${v.account} has signed with another nonce than ${v.currentNonce}.`,
    'Sign again with the current nonce.',
  ),
  VotesExpiredSignature: text((v) => `The delegation ended at ${time(v.expiry)}.`, 'Sign a new one.'),
  CheckpointUnorderedInsertion: text(() => 'Votes were recorded out of order.', REPORT),
  ECDSAInvalidSignature: text(() => 'The signature is malformed.', 'Sign again.'),
  ECDSAInvalidSignatureLength: text(
    (v) => `The signature has ${v.length} bytes, 65 are needed.`,
    'Give it as r, s and v.',
  ),
  ECDSAInvalidSignatureS: text(() => 'The signature is in its malleable form.', 'Sign again.'),
  InvalidShortString: text(() => 'A stored string is malformed.', REPORT),
  StringTooLong: text((v) => `The text "${v.str}" is longer than 31 bytes.`, 'Use a shorter one.'),
  ReentrancyGuardReentrantCall: text(
    () => 'A token called back into the contract.',
    'Use a reward token without callbacks.',
  ),
  SafeCastOverflowedUintDowncast: text(
    (v) => `${v.value} does not fit into ${v.bits} bits.`,
    'Give a smaller number.',
  ),
  SafeERC20FailedOperation: text(
    (v) => `The token ${v.token} refused the transfer.`,
    'Check balance and allowance, and that the token is not paused and lets these accounts trade.',
  ),
}

/** Message and fix by error name. */
export const ERROR_TEXTS: Readonly<Record<string, ErrorText>> = {
  ...STAKING,
  ...TASKS,
  ...ROUNDS,
  ...LIBRARIES,
  ...TOKENS,
}
