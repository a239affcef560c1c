import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { AssayError } from '../../client/errors.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import { iRoundsAbi } from '../../generated/IRounds.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import { cohortSeats } from '../../protocol/cohorts.ts'
import type { Hash } from '../../protocol/random.ts'
import { ROOT_COHORT } from '../../protocol/sampling.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'
import { openCase } from './open-case.ts'
import { type ProvenBase, readProvenBase } from './read-proven-base.ts'
import { findVote, readSaid, type Statement, statementOf, type VoteProof } from './read-statement.ts'

/** A validator's vote on the aggregate of a cohort, or on the next model (`ROOT_COHORT`). */
export type AccusedVote = { taskId: bigint; round: number; validator: Address; cohort: number }

/** The proof of a vote, and what a case about it costs. */
export type VoteAccusation = ProvenBase & {
  statement: Statement
  vote: VoteProof
  /** In which the committee was drawn. */
  attempt: 0 | 1
  /** What the validator voted for. */
  hash: Hash
}

export type AccuseVoteParameters = AccusedVote &
  Omit<VoteAccusation, 'hash' | 'base' | 'weights'> & {
    /** sha256 of the blob with the held-out pool, encrypted for the jurors; zero for an aggregate, which needs none. */
    evidence: Hash
  }

/**
 * Proves what a validator voted, with the round's events.
 *
 * @example const proof = await readVoteProof(reader, { taskId, round, validator, cohort: ROOT_COHORT })
 * @throws AssayError `NoVote` when it had no seat there or cast no vote
 */
export async function readVoteProof(reader: AssayReader, of: AccusedVote): Promise<VoteAccusation> {
  const { validator, cohort } = of
  const said = await readSaid(reader, of)
  const found = findVote(said, cohort)
  if (found === undefined) throw noVote(of)
  const { hash, ...vote } = found
  const proven = await readProvenBase(reader, { ...of, validator })
  const attempt = await attemptOf(reader, of, proven)
  return { ...proven, statement: statementOf(said, 0), vote, attempt, hash }
}

/** The draw in which the validator got its seat. Nobody has one in both. */
async function attemptOf(
  reader: AssayReader,
  of: AccusedVote,
  { weights, proof }: ProvenBase,
): Promise<0 | 1> {
  const { taskId, round, validator, cohort } = of
  const params = await readTaskParams(reader, { taskId })
  const beacon = await reader.chain.readContract({
    address: reader.deployment.contracts.rounds,
    abi: iRoundsAbi,
    functionName: 'beaconAt',
    args: [taskId, round],
  })
  const draw = { beacon, cohort, weights, committeeSize: params.committeeSize }
  const hasSeat = (attempt: 0 | 1) =>
    cohortSeats({ ...draw, attempt }).some(
      (seat) => proof.validators[seat]!.toLowerCase() === validator.toLowerCase(),
    )
  if (hasSeat(0)) return 0
  if (cohort !== ROOT_COHORT && hasSeat(1)) return 1
  throw noVote(of)
}

/** The accusation that has to be committed to in an earlier block. @param challenger who opens the case */
export function voteAccusation(
  { taskId, round, validator, cohort }: AccusedVote,
  challenger: Address,
): Accusation {
  const kind = cohort === ROOT_COHORT ? 'falseModel' : 'falseAggregate'
  return { challenger, kind, taskId, round, defendant: validator }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseVoteCall(
  deployment: Deployment,
  parameters: Omit<AccuseVoteParameters, 'bond'> & { salt: Hash },
): Call {
  const { taskId, round, validator, statement, vote, proof, attempt, evidence, cohort, salt } = parameters
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseVote',
      args: [taskId, round, validator, statement, vote, proof, attempt, evidence, salt],
    }),
    action: `accuse ${validator} of a false vote on ${subjectText(cohort)} in round ${round} of task ${taskId}`,
  }
}

/**
 * Opens a case against a validator whose vote isn't what the rule gives. Approves the court for the bond first, and
 * commits to the accusation one block before. Have your own
 * computation come to another hash: if the jurors come to the same, the bond is lost.
 *
 * @example
 * const proof = await readVoteProof(reader, vote)
 * const sent = await accuseVote(client, { ...vote, ...proof, evidence: zeroHash })
 * @returns the number of the case: `value.caseId`
 */
export function accuseVote(
  client: AssayClient,
  parameters: AccuseVoteParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = voteAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseVoteCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}

/** What a vote is on, in words. */
export function subjectText(cohort: number): string {
  return cohort === ROOT_COHORT ? 'the next model' : `the aggregate of cohort ${cohort}`
}

function noVote({ taskId, round, validator, cohort }: AccusedVote): AssayError {
  const subject = subjectText(cohort)
  return new AssayError({
    name: 'NoVote',
    values: { taskId, round, validator, cohort },
    message: `${validator} cast no vote on ${subject} in round ${round} of task ${taskId}.`,
    fix: 'Name a validator that voted on it.',
    kind: 'refused',
  })
}
