import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { KeyAnnouncement } from '../../protocol/case-keys.ts'

/**
 * What was announced of the keys to a case's evidence for one of its panels, in order. Nobody has checked any of it.
 *
 * @example const announced = await readKeyAnnouncements(reader, { caseId, panelId, openedBlock, blockNumber })
 */
export async function readKeyAnnouncements(
  reader: AssayReader,
  of: { caseId: bigint; panelId: bigint; openedBlock: bigint; blockNumber: bigint },
): Promise<(KeyAnnouncement & { block: bigint })[]> {
  const { chain, deployment } = reader
  const { caseId, panelId, openedBlock, blockNumber } = of
  const logs = await collectLogs(
    reader,
    `EvidenceKeysAnnounced/${caseId}/${panelId}`,
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.accusations,
        abi: iAccusationsAbi,
        eventName: 'EvidenceKeysAnnounced',
        args: { caseId, panelId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: openedBlock, to: blockNumber },
  )
  return logs.map(({ args: { sender, keysBlob }, blockNumber: block }) => ({ sender, keysBlob, block }))
}
