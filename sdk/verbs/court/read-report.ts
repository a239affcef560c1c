import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import type { Hash } from '../../protocol/random.ts'

/**
 * The value that the majority of an ended panel came to; zero if none did.
 *
 * @example const report = await readReport(reader, { panelId: state.panel.id })
 * @throws a viem error that `decodeFailure` turns into `Jury_WrongStatus` while the panel sits
 */
export function readReport(
  { chain, deployment }: AssayReader,
  { panelId, ...block }: { panelId: bigint } & AtBlock,
): Promise<Hash> {
  return chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.jury,
    abi: iJuryAbi,
    functionName: 'reportOf',
    args: [panelId],
  })
}
