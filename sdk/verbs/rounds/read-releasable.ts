import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'

/** Held pay, in reward wei. */
export type Releasable = {
  /** What leaving releases now; the rest would be cancelled. */
  released: bigint
  held: bigint
}

/**
 * What leaving would release of a contributor's held pay now, by the contract's own rule.
 *
 * @example const { released } = await readReleasable(reader, { taskId: 1n, contributor })
 */
export async function readReleasable(
  reader: AssayReader,
  parameters: AtBlock & { taskId: bigint; contributor: Address },
): Promise<Releasable> {
  const { taskId, contributor } = parameters
  const [released, held] = await reader.chain.readContract({
    address: reader.deployment.contracts.rounds,
    abi: iRoundsAbi,
    functionName: 'releasableOf',
    args: [taskId, contributor],
    ...atBlock(parameters),
  })
  return { released, held }
}
