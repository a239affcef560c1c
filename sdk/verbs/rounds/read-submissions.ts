import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'
import { type RoundOfTask, roundLogs } from './round-logs.ts'

export type Submission = { contributor: Address; index: number; commitment: Hash; blockNumber: bigint }

export type SubmissionEvent =
  | { eventName: 'Submitted'; args: { contributor: Address; index: bigint; commitment: Hash } }
  | {
      eventName: 'BatchSubmitted'
      args: { contributors: readonly Address[]; firstIndex: bigint; commitments: readonly Hash[] }
    }

/**
 * The accepted submissions of a round, by index, from its events.
 *
 * @example const submissions = await readSubmissions(reader, { taskId: 1n })
 * @throws AssayError `LogsIncomplete` (transient) when the node doesn't have all of them (yet)
 */
export async function readSubmissions(reader: AssayReader, parameters: RoundOfTask): Promise<Submission[]> {
  const { round, state, collect } = await roundLogs(reader, parameters)
  const filter = {
    address: reader.deployment.contracts.rounds,
    abi: iRoundsAbi,
    args: { taskId: parameters.taskId, round },
    strict: true,
  } as const
  const logs = await collect(async (fromBlock, toBlock) => [
    ...(await reader.chain.getContractEvents({ ...filter, eventName: 'Submitted', fromBlock, toBlock })),
    ...(await reader.chain.getContractEvents({ ...filter, eventName: 'BatchSubmitted', fromBlock, toBlock })),
  ])
  const submissions = logs
    .flatMap((log) => submissionsIn(log).map((one) => ({ ...one, blockNumber: log.blockNumber })))
    .sort((a, b) => a.index - b.index)
  requireComplete(submissions, state?.submissions ?? submissions.length)
  return submissions
}

/** The submissions that an event tells of: one that came alone, or a relayed batch. */
export function submissionsIn(event: SubmissionEvent): Omit<Submission, 'blockNumber'>[] {
  if (event.eventName === 'Submitted') {
    const { contributor, index, commitment } = event.args
    return [{ contributor, index: Number(index), commitment }]
  }
  const { contributors, commitments, firstIndex } = event.args
  return contributors.map((contributor, i) => ({
    contributor,
    index: Number(firstIndex) + i,
    commitment: commitments[i]!,
  }))
}

/** A missing event would put everybody into another cohort. */
function requireComplete(submissions: readonly Submission[], expected: number): void {
  if (submissions.length === expected && submissions.every(({ index }, i) => index === i)) return
  throw new AssayError({
    name: 'LogsIncomplete',
    values: { found: submissions.length, expected },
    message: `The node gave ${submissions.length} of ${expected} submissions.`,
    fix: 'Try again; if it lasts, use a node that keeps all events.',
    kind: 'transient',
  })
}
