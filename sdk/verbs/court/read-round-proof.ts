import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { collectLogs, logsInRanges } from '../../client/logs.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'
import {
  openingRecord,
  resultsHash,
  rosterDigest,
  rosterLanes,
  settledRecord,
} from '../../protocol/round-record.ts'
import { type RoundBasis, readRoundBasis } from '../rounds/read-round-basis.ts'

/** The record of a round, as the contract Accusations takes it. */
export type RoundProof = {
  baseModelHash: Hash
  previousBeacon: Hash
  /** Of the frozen roster, packed. */
  weights: [bigint, bigint, bigint, bigint]
  /** 64, by roster index; a free place is the zero address. */
  validators: Address[]
  /** In the order in which they were settled. */
  cohorts: number[]
  resultsHashes: Hash[]
}

/** A round's proof, with what it says of the roster. */
export type ProvenRound = { proof: RoundProof; weights: readonly number[]; span: RoundBasis['span'] }

/**
 * Proves what a round trained from, who sat with which weight and what was settled, from the round's events.
 *
 * @example const { proof } = await readRoundProof(reader, { taskId: 1n, round: 3 })
 * @throws AssayError `RoundNotKept` for a round that the chain no longer keeps, `LogsIncomplete` (transient) when the events that the
 * node has aren't those of the chain's record
 */
export async function readRoundProof(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<ProvenRound> {
  const { baseModelHash, previousBeacon, span } = await readRoundBasis(reader, { taskId, round })
  const [{ validators, weights }, settled, stored] = await Promise.all([
    readFrozen(reader, taskId, { round, to: span.from }),
    readSettled(reader, taskId, { round, span }),
    readRecord(reader, taskId, round),
  ])
  const roster = rosterDigest(weights, validators)
  const record = settled.reduce(
    (chain, one) => settledRecord(chain, one.cohort, one.hash),
    openingRecord({ round, baseModelHash, previousBeacon, roster }),
  )
  if (record !== stored) throw wrongRecord({ taskId, round, record, stored })
  const proof = {
    baseModelHash,
    previousBeacon,
    weights: rosterLanes(weights),
    validators: [...validators],
    cohorts: settled.map(({ cohort }) => cohort),
    resultsHashes: settled.map(({ hash }) => hash),
  }
  return { proof, weights, span }
}

function roundsOf({ deployment }: AssayReader) {
  return { address: deployment.contracts.rounds, abi: iRoundsAbi } as const
}

async function readRecord(reader: AssayReader, taskId: bigint, round: number): Promise<bigint> {
  const asked = { ...roundsOf(reader), functionName: 'recordOf', args: [taskId, round] } as const
  const [record] = await reader.chain.readContract(asked)
  return record
}

/** The roster that a round was frozen with: that of the last change before it. */
async function readFrozen(
  reader: AssayReader,
  taskId: bigint,
  { round, to }: { round: number; to: bigint },
): Promise<{ validators: readonly Address[]; weights: readonly number[] }> {
  const logs = await collectLogs(
    reader,
    `RosterFrozen/${taskId}`,
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        ...roundsOf(reader),
        eventName: 'RosterFrozen',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(reader.deployment.startBlock), to },
  )
  const frozen = logs.findLast(({ args }) => args.round <= round)
  if (frozen !== undefined) return frozen.args
  reader.logs?.forget(`RosterFrozen/${taskId}`)
  throw incomplete({ taskId, round }, 'the roster')
}

async function readSettled(
  reader: AssayReader,
  taskId: bigint,
  { round, span }: { round: number; span: RoundBasis['span'] },
): Promise<{ cohort: number; hash: Hash }[]> {
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        ...roundsOf(reader),
        eventName: 'CohortSettled',
        args: { taskId, round },
        strict: true,
        fromBlock,
        toBlock,
      }),
    span,
  )
  return logs.map(({ args }) => ({ cohort: args.cohort, hash: resultsHash(args.results) }))
}

function wrongRecord(of: { taskId: bigint; round: number; record: bigint; stored: bigint }): AssayError {
  const { taskId, round, stored } = of
  if (stored !== 0n) return incomplete(of, 'the events')
  return new AssayError({
    name: 'RoundNotKept',
    values: { taskId, round },
    message: `The chain no longer keeps what round ${round} of task ${taskId} was, or the round never opened.`,
    fix: 'Open cases before the challenge time of a round is over.',
    kind: 'refused',
  })
}

function incomplete({ taskId, round }: { taskId: bigint; round: number }, what: string): AssayError {
  return new AssayError({
    name: 'LogsIncomplete',
    values: { taskId, round },
    message: `The node does not have all of ${what} of round ${round} of task ${taskId}.`,
    fix: 'Try again; if it lasts, use a node that keeps all events.',
    kind: 'transient',
  })
}
