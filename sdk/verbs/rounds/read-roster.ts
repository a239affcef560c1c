import { type Address, zeroAddress } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsLensAbi } from '../../generated/IRoundsLens.ts'

/** The roster that the current round's committees are drawn from, both lists by roster index. */
export type RosterState = { validators: (Address | undefined)[]; weights: number[] }

/**
 * The frozen roster of a task; free places are undefined.
 *
 * @example const { weights } = await readRoster(reader, { taskId: 1n })
 */
export async function readRoster(
  { deployment, chain }: AssayReader,
  parameters: AtBlock & { taskId: bigint },
): Promise<RosterState> {
  const [validators, weights] = await chain.readContract({
    address: deployment.contracts.roundsLens,
    abi: iRoundsLensAbi,
    functionName: 'rosterOf',
    args: [parameters.taskId],
    ...atBlock(parameters),
  })
  return {
    validators: validators.map((validator) => (validator === zeroAddress ? undefined : validator)),
    weights: [...weights],
  }
}
