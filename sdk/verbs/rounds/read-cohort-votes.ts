import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

/**
 * The votes on a cohort's aggregate in the current round, by seat: the low 224 bits of each hash, 0 where a seat has not voted.
 *
 * @example const votes = await readCohortVotes(reader, { taskId: 1n, cohort: 0 })
 */
export function readCohortVotes(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; cohort: number },
): Promise<readonly bigint[]> {
  return chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'votesOf',
    args: [parameters.taskId, parameters.cohort],
    ...atBlock(parameters),
  })
}
