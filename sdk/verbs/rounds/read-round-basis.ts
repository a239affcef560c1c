import { zeroHash } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { collectLogs } from '../../client/logs.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'

/** What the training of a round started from, and where its events are. */
export type RoundBasis = {
  round: number
  baseModelHash: Hash
  /** Beacon of the last sealed round before it, zero if there is none. It fixes the order of the samples. */
  previousBeacon: Hash
  /** Blocks from its opening to the next one. */
  span: { from: bigint; to: bigint }
}

/**
 * What the training of an earlier round started from, by the events.
 *
 * @example const { baseModelHash } = await readRoundBasis(reader, { taskId: 1n, round: 7 })
 * @throws AssayError `LogsIncomplete` (transient) when the node doesn't have the round's opening (yet)
 */
export async function readRoundBasis(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<RoundBasis> {
  const to = await reader.chain.getBlockNumber({ cacheTime: 0 })
  const openings = await readOpenings(reader, taskId, to)
  const at = openings.findIndex(({ args }) => args.round === round)
  const opening = openings[at]
  if (opening === undefined) {
    reader.logs?.forget(nameOf('RoundOpened', taskId))
    throw incomplete(taskId, round, 'opening')
  }
  const seals = await readSeals(reader, taskId, to)
  const before = seals.findLast(({ args }) => args.round < round)
  return {
    round,
    baseModelHash: opening.args.baseModelHash,
    previousBeacon: before?.args.beacon ?? zeroHash,
    span: { from: opening.blockNumber, to: openings[at + 1]?.blockNumber ?? to },
  }
}

/**
 * The beacon of a sealed round, by the events: also of one that the chain no longer keeps.
 *
 * @example const beacon = await readSealedBeacon(reader, { taskId: 1n, round: 7 })
 * @throws AssayError `LogsIncomplete` (transient) when the node doesn't have the round's seal (yet)
 */
export async function readSealedBeacon(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<Hash> {
  const seals = await readSeals(reader, taskId, await reader.chain.getBlockNumber({ cacheTime: 0 }))
  const beacon = seals.findLast(({ args }) => args.round === round)?.args.beacon
  if (beacon !== undefined) return beacon
  reader.logs?.forget(nameOf('RoundSealed', taskId))
  throw incomplete(taskId, round, 'seal')
}

const nameOf = (eventName: string, taskId: bigint) => `${eventName}/${taskId}`

function readOpenings(reader: AssayReader, taskId: bigint, to: bigint) {
  return collectLogs(
    reader,
    nameOf('RoundOpened', taskId),
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        ...roundsOf(reader),
        eventName: 'RoundOpened',
        args: { taskId },
        fromBlock,
        toBlock,
      }),
    { from: BigInt(reader.deployment.startBlock), to },
  )
}

function readSeals(reader: AssayReader, taskId: bigint, to: bigint) {
  return collectLogs(
    reader,
    nameOf('RoundSealed', taskId),
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        ...roundsOf(reader),
        eventName: 'RoundSealed',
        args: { taskId },
        fromBlock,
        toBlock,
      }),
    { from: BigInt(reader.deployment.startBlock), to },
  )
}

function roundsOf({ deployment }: AssayReader) {
  return { address: deployment.contracts.rounds, abi: iRoundsAbi, strict: true } as const
}

function incomplete(taskId: bigint, round: number, what: string): AssayError {
  return new AssayError({
    name: 'LogsIncomplete',
    values: { taskId, round },
    message: `The node does not have the ${what} of round ${round} of task ${taskId}.`,
    fix: 'Try again; if it lasts, use a node that keeps all events.',
    kind: 'transient',
  })
}
