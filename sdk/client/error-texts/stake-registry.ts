import { zeroAddress } from 'viem'
import { assay, assays, type ErrorText, text, time } from './text.ts'

const courtOf = ({ court }: Record<string, unknown>) =>
  court === zeroAddress ? 'no court' : `court ${court}`

/** Errors of StakeRegistry. */
export const STAKE_REGISTRY_TEXTS: Record<string, ErrorText> = {
  StakeRegistry_OnlyDeployer: text(
    (v) => `Only the deployer ${v.deployer} can connect the registry, not ${v.caller}.`,
    'Connect with the deployer key; users never need this call.',
  ),
  StakeRegistry_AlreadyConnected: text(
    (v) => `The registry is connected already, to tasks ${v.tasks}, rounds ${v.rounds} and ${courtOf(v)}.`,
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
  StakeRegistry_OnlyCourt: text(
    (v) =>
      v.court === zeroAddress
        ? `Only a court can do this, not ${v.caller}, and this deployment has no court.`
        : `Only the court ${v.court} can do this, not ${v.caller}.`,
    'Stake of jurors and rewards are the business of the court alone; users never need this call.',
  ),
  StakeRegistry_OnlySlashers: text(
    (v) => `Only rounds ${v.rounds} can slash, with ${courtOf(v)} beside it, not ${v.caller}.`,
    'Slashes follow from the rounds and from verdicts; nobody else calls them.',
  ),
  StakeRegistry_ZeroAmount: text(() => 'The amount is zero.', 'Give an amount above zero.'),
  StakeRegistry_FreeStakeTooLow: text(
    (v) => {
      const [requested, free] = assays(v.requested, v.free)
      return `This needs ${requested} of free stake, and ${free} is free.`
    },
    (v) => {
      const [requested, free] = [BigInt(v.requested as bigint), BigInt(v.free as bigint)]
      const smaller = free > 0n ? `, ask for at most ${assay(free, 'down')}` : ''
      return `Stake ${assay(requested - free, 'up')} more${smaller}, or leave a task that reserves stake.`
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
  StakeRegistry_RewardPotTooLow: text((v) => {
    const [requested, available] = assays(v.requested, v.available)
    return `A reward of ${requested} is more than the ${available} that the reward pot has.`
  }, 'Pay what slashes have put there, at most.'),
  StakeRegistry_PermitRefused: text((v) => {
    const [allowance, needed] = assays(v.allowance, v.needed)
    return `The permit does not hold: the allowance is ${allowance}, ${needed} are needed.`
  }, 'Sign a new permit for the amount, or approve the registry and stake without one.'),
}
