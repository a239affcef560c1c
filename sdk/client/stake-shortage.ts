import { ASSAY, amountText, typedAmount } from './amounts.ts'

/** What keeps an account from joining a task's validators: sentences for people. */
type StakeShortage = { message: string; fix: string }

/**
 * Why an account can't join a task's validators with a stake: what it has, what it needs, and the commands that help.
 *
 * @param at.amount ASSAY wei to join with
 * @param at.minimum ASSAY wei that the task takes at least
 * @param at.free ASSAY wei of the account's stake that no task has reserved
 * @returns undefined when the stake is enough
 */
export function stakeShortage(at: {
  taskId: bigint
  amount: bigint
  minimum: bigint
  free: bigint
}): StakeShortage | undefined {
  const { taskId, amount, minimum, free } = at
  const exact = (wei: bigint) => amountText(wei, ASSAY, 'exact')
  const needed = amount < minimum ? minimum : amount
  const join = `assay validator join ${taskId} ${typedAmount(needed, ASSAY, 'exact')}`
  const missing = needed - free
  const stake = `assay stake ${typedAmount(missing, ASSAY, 'exact')}`
  const commands = missing > 0n ? `Run \`${stake}\`, then \`${join}\`` : `Run \`${join}\``
  const has = `${exact(free)} of the account's stake are free`
  if (amount < minimum)
    return {
      message: `Task ${taskId} takes validators with ${exact(minimum)} or more, and ${exact(amount)} were offered; ${has}.`,
      fix: `${commands}.`,
    }
  if (missing <= 0n) return undefined
  const smaller = free >= minimum ? `, or join with at most ${exact(free)}` : ''
  return {
    message: `Joining the validators of task ${taskId} needs ${exact(needed)} of free stake, and ${has}.`,
    fix: `${commands}${smaller}.`,
  }
}
