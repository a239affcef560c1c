import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { voteOf } from '@assay/sdk/protocol/commitments.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readCohortVotes } from '@assay/sdk/verbs/rounds/read-cohort-votes.ts'
import { type RoundOfTask, roundLogs } from '@assay/sdk/verbs/rounds/round-logs.ts'
import type { Address } from 'viem'

export type AggregateVote = { validator: Address; cohort: number; hash: Hash }

export type ModelVote = { validator: Address; hash: Hash }

/** All votes for cohorts' aggregates in a round, in the order of the chain. */
export async function readAggregateVotes(
  reader: AssayReader,
  { taskId, round, span }: RoundOfTask & { round: number },
): Promise<AggregateVote[]> {
  const { collect } = await roundLogs(reader, { taskId, round, ...(span && { span }) })
  const logs = await collect((fromBlock, toBlock) =>
    reader.chain.getContractEvents({
      address: reader.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'AggregatesVoted',
      args: { taskId, round },
      strict: true,
      fromBlock,
      toBlock,
    }),
  )
  return logs.flatMap(({ args }) =>
    args.cohorts.map((cohort, i) => ({ validator: args.validator, cohort, hash: args.hashes[i]! })),
  )
}

/**
 * Makes sure that the node's log has exactly the votes of the current round that the chain counts at a block. With a
 * log that lags behind, a cohort would seem to lack its majority, and the vote for the next model would be wrong.
 *
 * @param round.cohorts number of cohorts in the round
 * @throws Error when they differ, or the node doesn't know the block; the next block is worth another try
 */
export async function requireWholeLog(
  reader: AssayReader,
  round: { taskId: bigint; round: number; cohorts: number; blockNumber: bigint },
  votes: readonly AggregateVote[],
): Promise<void> {
  const { taskId, cohorts, blockNumber } = round
  const told = Array.from({ length: cohorts }, (): bigint[] => [])
  for (const { cohort, hash } of votes) told[cohort]?.push(voteOf(hash))
  await Promise.all(
    told.map(async (inLog, cohort) => {
      const onChain = (await readCohortVotes(reader, { taskId, cohort, blockNumber })).filter(
        (vote) => vote !== 0n,
      )
      if (sorted(onChain).join() !== sorted(inLog).join())
        throw new Error(
          `the node's log shows ${inLog.length} votes on cohort ${cohort} of round ${round.round}, the chain counts ${onChain.length}: it lags behind`,
        )
    }),
  )
}

function sorted(votes: readonly bigint[]): bigint[] {
  return votes.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Votes for the next model in a round, in the order of the chain. */
export async function readModelVotes(
  reader: AssayReader,
  { taskId, round, span }: RoundOfTask & { round: number },
): Promise<ModelVote[]> {
  const { collect } = await roundLogs(reader, { taskId, round, ...(span && { span }) })
  const logs = await collect((fromBlock, toBlock) =>
    reader.chain.getContractEvents({
      address: reader.deployment.contracts.rounds,
      abi: iRoundsAbi,
      eventName: 'ModelVoted',
      args: { taskId, round },
      strict: true,
      fromBlock,
      toBlock,
    }),
  )
  return logs.map(({ args }) => ({ validator: args.validator, hash: args.modelHash }))
}

/**
 * The hash that more than half of each committee voted for, by cohort in ascending order. A cohort without one is left
 * out.
 *
 * @param seats k; the contract accepts one vote a seat
 */
export function majorityAggregates(votes: readonly AggregateVote[], seats: number): Map<number, Hash> {
  const tallies = new Map<number, Map<Hash, number>>()
  for (const { cohort, hash } of votes) {
    const tally = tallies.get(cohort) ?? new Map<Hash, number>()
    tally.set(hash, (tally.get(hash) ?? 0) + 1)
    tallies.set(cohort, tally)
  }
  const agreed = new Map<number, Hash>()
  for (const cohort of [...tallies.keys()].sort((a, b) => a - b))
    for (const [hash, count] of tallies.get(cohort)!) if (2 * count > seats) agreed.set(cohort, hash)
  return agreed
}
