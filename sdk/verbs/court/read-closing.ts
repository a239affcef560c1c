import type { AssayReader } from '../../client/clients.ts'
import { iCourtAbi } from '../../generated/ICourt.ts'
import type { Hash } from '../../protocol/random.ts'

/**
 * What a closed case left for its jurors: ASSAY wei for each seat that voted as it should, and the value that the last panel reported,
 * zero if it reported none.
 *
 * @example const { report, feePerSeat } = await readClosing(reader, { caseId })
 */
export function readClosing(
  { chain, deployment }: AssayReader,
  { caseId }: { caseId: bigint },
): Promise<{ feePerSeat: bigint; report: Hash }> {
  return chain.readContract({
    address: deployment.contracts.court,
    abi: iCourtAbi,
    functionName: 'closingOf',
    args: [caseId],
  })
}
