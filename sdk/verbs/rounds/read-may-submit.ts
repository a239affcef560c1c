import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

/**
 * Whether a contributor may submit in the current round; false too when no round takes submissions.
 *
 * @example const may = await readMaySubmit(reader, { taskId: 1n, contributor })
 */
export function readMaySubmit(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<boolean> {
  return chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'maySubmit',
    args: [parameters.taskId, parameters.contributor],
    ...atBlock(parameters),
  })
}
