import type { Address } from 'viem'
import { type AtBlock, atBlock, secondsOrUndefined } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

/** Earnings of an account in a task, in reward wei. */
export type EarningsState = {
  /** Can be claimed now. */
  matured: bigint
  /** Credited, waiting for the challenge window. */
  pending: bigint
  /** Earned without an audit, waiting for the next passed one. */
  held: bigint
  /** Unix seconds at which the next part of `pending` matures. */
  nextMaturesAt: number | undefined
}

/**
 * What an account has earned in a task and not claimed.
 *
 * @example const { matured } = await readEarnings(reader, { taskId: 1n, account })
 */
export async function readEarnings(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; account: Address },
): Promise<EarningsState> {
  const { nextMaturesAt, ...earnings } = await chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'earningsOf',
    args: [parameters.taskId, parameters.account],
    ...atBlock(parameters),
  })
  return { ...earnings, nextMaturesAt: secondsOrUndefined(nextMaturesAt) }
}
