import { type Address, zeroHash } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { logsInRanges } from '../../client/logs.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Hash } from '../../protocol/random.ts'
import { modelVote, type Votes, votesHash } from '../../protocol/round-record.ts'
import { readRoundBasis } from '../rounds/read-round-basis.ts'

/** A validator's reveal in one attempt. */
export type RevealedSheets = { attempt: 0 | 1; cohorts: number[]; words: bigint[]; salt: Hash }

/** All that a validator said in a round. */
export type Said = {
  sheets: readonly RevealedSheets[]
  /** Its calls with votes, in the order of the chain. */
  calls: readonly Votes[]
}

/** What the contract Accusations takes of it, for the sheets of one attempt or for its votes. */
export type Statement = {
  attempt: 0 | 1
  hasSheets: boolean
  cohorts: number[]
  words: bigint[]
  salt: Hash
  voteHashes: Hash[]
}

/** One vote, as the contract takes it. */
export type VoteProof = { cohorts: number[]; hashes: Hash[]; call: bigint; index: bigint }

/**
 * What a validator revealed and voted in a round, from the round's events.
 *
 * @example const said = await readSaid(reader, { taskId: 1n, round: 3, validator })
 */
export async function readSaid(
  reader: AssayReader,
  { taskId, round, validator }: { taskId: bigint; round: number; validator: Address },
): Promise<Said> {
  const { span } = await readRoundBasis(reader, { taskId, round })
  const { chain, deployment } = reader
  const filter = {
    address: deployment.contracts.rounds,
    abi: iRoundsAbi,
    args: { taskId, round, validator },
    strict: true,
  } as const
  const [reveals, aggregates, models] = await Promise.all([
    logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...filter, eventName: 'ScoresRevealed', fromBlock, toBlock }),
      span,
    ),
    logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...filter, eventName: 'AggregatesVoted', fromBlock, toBlock }),
      span,
    ),
    logsInRanges(
      (fromBlock, toBlock) =>
        chain.getContractEvents({ ...filter, eventName: 'ModelVoted', fromBlock, toBlock }),
      span,
    ),
  ])
  return {
    sheets: reveals.map(({ args: { attempt, cohorts, words, salt } }) => ({
      attempt: attempt === 0 ? 0 : 1,
      cohorts: [...cohorts],
      words: [...words],
      salt,
    })),
    // Nobody votes on the model before all votes on aggregates are over.
    calls: [...aggregates.map(({ args }) => args), ...models.map(({ args }) => modelVote(args.modelHash))],
  }
}

/** The proof of what was said in an attempt. Votes count to the first one. */
export function statementOf({ sheets, calls }: Said, attempt: 0 | 1): Statement {
  const own = sheets.find((one) => one.attempt === attempt)
  return {
    attempt,
    hasSheets: own !== undefined,
    cohorts: own?.cohorts ?? [],
    words: own?.words ?? [],
    salt: own?.salt ?? zeroHash,
    voteHashes: attempt === 0 ? calls.map(votesHash) : [],
  }
}

/** Where the sheets speak of a cohort; undefined if none does. */
export function findSheet(
  { sheets }: Said,
  cohort: number,
): { attempt: 0 | 1; index: number; sheet: [bigint, bigint] } | undefined {
  for (const { attempt, cohorts, words } of sheets) {
    const index = cohorts.indexOf(cohort)
    if (index >= 0) return { attempt, index, sheet: [words[2 * index]!, words[2 * index + 1]!] }
  }
  return undefined
}

/** The proof of the vote on a cohort, or on the next model (`ROOT_COHORT`); undefined if there is none. */
export function findVote({ calls }: Said, cohort: number): (VoteProof & { hash: Hash }) | undefined {
  for (const [call, { cohorts, hashes }] of calls.entries()) {
    const index = cohorts.indexOf(cohort)
    if (index < 0) continue
    const proof = { cohorts: [...cohorts], hashes: [...hashes], call: BigInt(call), index: BigInt(index) }
    return { ...proof, hash: hashes[index]! }
  }
  return undefined
}
