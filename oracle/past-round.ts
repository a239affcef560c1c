import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { collectLogs, logsInRanges } from '@assay/sdk/client/logs.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { JudgedRound } from './pool/round-samples.ts'

/** A round that is over, and the blocks from its opening to the next one's. */
export type PastRound = Pick<JudgedRound, 'taskId' | 'round' | 'params'> & {
  span: { from: bigint; to: bigint }
}

/** Which samples judged a round that is over: the chain forgets that, its events don't. */
export async function readPastRound(reader: AssayReader, past: PastRound): Promise<JudgedRound> {
  const { taskId, round, params } = past
  const [beacon, poolRoot] = await Promise.all([readBeacon(reader, past), readPoolRoot(reader, past)])
  return { taskId, round, params, beacon, poolRoot }
}

async function readBeacon(
  { chain, deployment }: AssayReader,
  { taskId, round, span }: PastRound,
): Promise<Hash> {
  const [sealed] = await logsInRanges(
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.rounds,
        abi: iRoundsAbi,
        eventName: 'RoundSealed',
        args: { taskId, round },
        strict: true,
        fromBlock,
        toBlock,
      }),
    span,
  )
  if (sealed === undefined) throw new Error(`the node's log lacks the seal of round ${round}: it lags behind`)
  return sealed.args.beacon
}

async function readPoolRoot(reader: AssayReader, { taskId, round, params, span }: PastRound): Promise<Hash> {
  const { chain, deployment } = reader
  const changes = await collectLogs(
    reader,
    `PoolChanged/${taskId}`,
    (fromBlock, toBlock) =>
      chain.getContractEvents({
        address: deployment.contracts.rounds,
        abi: iRoundsAbi,
        eventName: 'PoolChanged',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(deployment.startBlock), to: span.to },
  )
  return changes.findLast(({ args }) => args.round <= round)?.args.poolRoot ?? params.poolRoot
}
