import type { ContractFunctionArgs } from 'viem'
import type { iTasksAbi } from './generated/ITasks.ts'

/**
 * Everything that is fixed when a task is created; contracts/interfaces/ITasks.sol explains each field and its unit.
 * Prices, fee and stakes are wei (bigint); counts, seconds and bps are numbers.
 */
export type TaskParams = ContractFunctionArgs<typeof iTasksAbi, 'nonpayable', 'createTask'>[0]
