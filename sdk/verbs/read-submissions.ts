import type { Address } from 'viem'
import type { AssayReader } from '../clients.ts'
import { AssayError } from '../errors.ts'
import { iRoundsAbi } from '../generated/IRounds.ts'
import type { Hash } from '../random.ts'
import { type RoundOfTask, roundLogs } from '../round-logs.ts'

export type Submission = { contributor: Address; index: number; commitment: Hash; blockNumber: bigint }

/**
 * The accepted submissions of a round, by index, from its events.
 *
 * @example const submissions = await readSubmissions(reader, { taskId: 1n })
 * @throws AssayError `LogsIncomplete` (transient) when the node doesn't have all of them (yet)
 */
export async function readSubmissions(reader: AssayReader, parameters: RoundOfTask): Promise<Submission[]> {
  const { round, state, collect } = await roundLogs(reader, parameters)
  const logs = await collect((fromBlock, toBlock) =>
    reader.chain.getContractEvents({
      address: reader.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'Submitted',
      args: { taskId: parameters.taskId, round },
      strict: true,
      fromBlock,
      toBlock,
    }),
  )
  const submissions = logs
    .map(({ args, blockNumber }) => ({
      contributor: args.contributor,
      index: Number(args.index),
      commitment: args.commitment,
      blockNumber,
    }))
    .sort((a, b) => a.index - b.index)
  requireComplete(submissions, state?.submissions ?? submissions.length)
  return submissions
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
