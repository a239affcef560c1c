import { assay, assays, type ErrorText, role, text, tokens, tokensRounded } from './text.ts'

/** Values that follow from several terms of a task, or whose bounds do. */
const DERIVED: Readonly<Record<string, string>> = {
  challengeSeconds:
    'at most seven submit phases, and at most four times submit, open, commit and reveal together',
  roundSeconds: 'the longest round: submit and open once, commit, reveal and aggregate twice',
  windowsPerRound: 'at least replayWindows',
  'committeeSize % 2': 'committeeSize must be odd, so that half of the seats can never block the others',
  'stepsPerRound % windowsPerRound': 'every window has the same number of steps',
  largestRoundCost: 'what all slots can earn in a round at these prices',
}

/** Errors of Tasks. */
export const TASKS_TEXTS: Record<string, ErrorText> = {
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
    (v) =>
      `Stake unbonds in ${v.unbondingSeconds} s, but up to ${v.longestCaseSeconds} s can pass from a fault to its slash.`,
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
    (v, unit) =>
      `The funding would reach ${tokensRounded(unit, v.total, 'up')}; a task holds at most ${tokensRounded(unit, v.maximum, 'down')}.`,
    'Fund less, or use several tasks.',
  ),
  Tasks_InexactTransfer: text((v, unit) => {
    const [received, asked] = tokens(unit, v.received, v.asked)
    return `The token ${v.token} moved ${received} instead of ${asked}.`
  }, 'Use a reward token without transfer fees or rebasing.'),
  Tasks_BalanceBelowBooks: text((v, unit) => {
    const [balance, booked] = tokens(unit, v.balance, v.booked)
    return `The escrow holds ${balance} of ${v.token}, its books say ${booked}: the token took some away.`
  }, 'No round opens on this token until the difference is sent to the tasks contract.'),
  Tasks_FundsTooLow: text(
    (v, unit) => {
      const [needed, available] = tokens(unit, v.needed, v.available)
      return `Task ${v.taskId} needs ${needed} for a round and has ${available}.`
    },
    (v, unit) => {
      const missing = BigInt(v.needed as bigint) - BigInt(v.available as bigint)
      return `Fund the task with ${tokensRounded(unit, missing, 'up')} or more.`
    },
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
    (v) => {
      const [amount, minimum] = assays(v.amount, v.minimum)
      return `${amount} are below the task's minimum of ${minimum}.`
    },
    (v) => `Join with at least ${assay(v.minimum, 'up')}.`,
  ),
  Tasks_EncryptionKeyLength: text(
    (v) => `The encryption key has ${v.length} bytes, outside ${v.minimum} … ${v.maximum}.`,
    'Give the public key that the oracle made.',
  ),
  Tasks_NothingToRefund: text(
    (v) => `Task ${v.taskId} has nothing to refund now.`,
    'When the open round ends, what it leaves can be refunded; earned pay stays with those who earned it.',
  ),
}
