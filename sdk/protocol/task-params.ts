import type { ContractFunctionArgs } from 'viem'
import type { iTasksAbi } from '../generated/ITasks.ts'

/**
 * Everything that is fixed when a task is created; contracts/interfaces/ITasks.sol explains each field and its unit.
 * Prices, fee and stakes are wei (bigint); counts, seconds and bps are numbers.
 */
export type TaskParams = ContractFunctionArgs<typeof iTasksAbi, 'nonpayable', 'createTask'>[0]

/**
 * Length of an epoch of earnings, in seconds. Pay credited in one epoch is claimable from the second epoch after it: it matures after
 * one to two epochs, and its round is final then.
 */
export function epochSeconds(
  params: Pick<TaskParams, 'challengeSeconds' | 'commitSeconds' | 'revealSeconds' | 'aggregateSeconds'>,
): number {
  const { challengeSeconds, commitSeconds, revealSeconds, aggregateSeconds } = params
  return challengeSeconds + commitSeconds + revealSeconds + 2 * aggregateSeconds
}
