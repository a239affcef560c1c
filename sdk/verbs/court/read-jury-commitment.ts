import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import { iJuryAbi } from '../../generated/IJury.ts'
import type { Hash } from '../../protocol/random.ts'

/**
 * What a juror committed to in a panel.
 *
 * @example const digest = await readJuryCommitment(reader, { panelId, juror, fromBlock: openedBlock, blockNumber })
 * @param of.fromBlock of the case or a later one before the panel's draw
 * @returns undefined if it hasn't
 */
export async function readJuryCommitment(
  { chain, deployment }: AssayReader,
  of: { panelId: bigint; juror: Address; fromBlock: bigint; blockNumber: bigint },
): Promise<Hash | undefined> {
  const { panelId, juror, fromBlock: from, blockNumber: to } = of
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.jury,
        abi: iJuryAbi,
        eventName: 'VoteCommitted',
        args: { panelId, juror },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from, to },
  )
  return logs[0]?.args.digest
}
