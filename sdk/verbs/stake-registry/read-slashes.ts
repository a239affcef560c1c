import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import { iStakeRegistryAbi } from '../../generated/IStakeRegistry.ts'
import type { Hash } from '../../protocol/random.ts'
import { decodeSlashReason, type SlashReason } from '../../protocol/slash-reasons.ts'

/** Stake that was taken for a fault in a task. */
export type Slash = {
  account: Address
  /** ASSAY wei asked for. */
  penalty: bigint
  /** ASSAY wei that were there. */
  taken: bigint
  /** Part of `taken` that the court pays out, in ASSAY wei. */
  reward: bigint
  reason: SlashReason
  blockNumber: bigint
  transactionHash: Hash
}

/**
 * All slashes for faults in a task, from the registry's events, in their order.
 *
 * @example const [{ account, taken, reason }] = await readSlashes(reader, { taskId: 1n })
 */
export async function readSlashes(
  { deployment, chain }: AssayReader,
  { taskId }: { taskId: bigint },
): Promise<Slash[]> {
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.stakeRegistry,
        abi: iStakeRegistryAbi,
        eventName: 'Slashed',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: await chain.getBlockNumber({ cacheTime: 0 }) },
  )
  return logs.map(({ args: { account, penalty, taken, reward, reason }, blockNumber, transactionHash }) => ({
    account,
    penalty,
    taken,
    reward,
    reason: decodeSlashReason(reason),
    blockNumber,
    transactionHash,
  }))
}
