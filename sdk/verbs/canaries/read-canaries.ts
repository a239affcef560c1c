import type { Address } from 'viem'
import { type AtBlock, atBlock } from '../../client/at-block.ts'
import type { AssayReader } from '../../client/clients.ts'
import { collectLogs } from '../../client/logs.ts'
import { iCanariesAbi } from '../../generated/ICanaries.ts'
import { CANARY_STATUSES, type CanaryStatus, type CanaryTruth } from '../../protocol/canary.ts'
import type { Hash } from '../../protocol/random.ts'

/** A canary, with what its opening showed. */
export type Canary = {
  canaryId: bigint
  taskId: bigint
  round: number
  owner: Address
  /** ASSAY wei. */
  bond: bigint
  digest: Hash
  status: CanaryStatus
  opened?: {
    contributor: Address
    truth: CanaryTruth
    /** Its index in the round. */
    submission: number
    /** Reward wei that its owner gave back. */
    pay: bigint
  }
}

/**
 * The canaries of a task by number, from events and their state.
 *
 * @example const canaries = await readCanaries(reader, { taskId: 1n })
 */
export async function readCanaries(
  reader: AssayReader,
  { taskId, ...block }: { taskId: bigint } & AtBlock,
): Promise<Canary[]> {
  const blockNumber = block.blockNumber ?? (await reader.chain.getBlockNumber({ cacheTime: 0 }))
  const canaries = { address: reader.deployment.contracts.canaries, abi: iCanariesAbi, strict: true } as const
  const range = { from: BigInt(reader.deployment.startBlock), to: blockNumber }
  const [committed, openings] = await Promise.all([
    collectLogs(
      reader,
      `CanaryCommitted/${taskId}`,
      (fromBlock, toBlock) =>
        reader.chain.getContractEvents({
          ...canaries,
          eventName: 'CanaryCommitted',
          args: { taskId },
          fromBlock,
          toBlock,
        }),
      range,
    ),
    collectLogs(
      reader,
      'CanaryOpened',
      (fromBlock, toBlock) =>
        reader.chain.getContractEvents({ ...canaries, eventName: 'CanaryOpened', fromBlock, toBlock }),
      range,
    ),
  ])
  return Promise.all(
    committed.map(async ({ args: { canaryId, round, owner, bond, digest } }) => {
      const state = await readCanary(reader, { canaryId, blockNumber })
      const opening = openings.find(({ args }) => args.canaryId === canaryId)?.args
      const status = CANARY_STATUSES[state.status] ?? 'none'
      const canary = { canaryId, taskId, round, owner, bond, digest, status }
      if (opening === undefined) return canary
      const { contributor, truth, pay } = opening
      return { ...canary, opened: { contributor, truth, pay, submission: state.submission } }
    }),
  )
}

/**
 * What the chain has of a canary.
 *
 * @example const { owner, bond } = await readCanary(reader, { canaryId: 3n })
 * @returns all zero if there is none
 */
export function readCanary(
  { chain, deployment }: AssayReader,
  { canaryId, ...block }: { canaryId: bigint } & AtBlock,
) {
  return chain.readContract({
    ...atBlock(block),
    address: deployment.contracts.canaries,
    abi: iCanariesAbi,
    functionName: 'canaryOf',
    args: [canaryId],
  })
}
