import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'

/**
 * What the court owes an account, in ASSAY wei: bonds that came back, rewards and fees.
 *
 * @example const owed = await readOwed(reader, { account })
 */
export function readOwed(
  { chain, deployment }: AssayReader,
  { account, ...block }: { account: Address } & AtBlock,
): Promise<bigint> {
  return chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.court,
    abi: iCourtAbi,
    functionName: 'owedTo',
    args: [account],
  })
}
