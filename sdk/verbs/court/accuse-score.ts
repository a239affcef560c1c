import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { AssayError } from '../../client/errors.ts'
import type { Call, SendOptions, Sent } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { Accusation } from '../../protocol/accusation.ts'
import type { Hash } from '../../protocol/random.ts'
import { entryAt, isComputed } from '../../protocol/score-words.ts'
import { openCase } from './open-case.ts'
import { type ProvenBase, readProvenBase } from './read-proven-base.ts'
import { findSheet, readSaid, type Statement, statementOf } from './read-statement.ts'

/** An entry of a validator's score sheet. */
export type AccusedEntry = {
  taskId: bigint
  round: number
  validator: Address
  cohort: number
  member: number
}

/** The proof of an entry, and what a case about it costs. */
export type ScoreProof = ProvenBase & {
  statement: Statement
  /** Of the cohort in the sheets. */
  index: number
  /** 32 bits. */
  entry: number
}

export type AccuseScoreParameters = AccusedEntry &
  Omit<ScoreProof, 'entry' | 'base' | 'weights'> & {
    /** sha256 of the blob with the held-out pool, encrypted for the jurors. */
    evidence: Hash
  }

/**
 * Proves what a validator said of an update, with the round's events.
 *
 * @example const proof = await readScoreProof(reader, { taskId, round, validator, cohort: 0, member: 3 })
 * @throws AssayError `NoScores` when it revealed nothing about that cohort, `EntryIsJudgement` when the entry has no value that
 * anybody can compute again
 */
export async function readScoreProof(reader: AssayReader, of: AccusedEntry): Promise<ScoreProof> {
  const { validator, cohort, member } = of
  const said = await readSaid(reader, of)
  const found = findSheet(said, cohort)
  if (found === undefined) throw noScores(of)
  const entry = entryAt(found.sheet, member)
  if (!isComputed(entry)) throw isJudgement(of, entry)
  const proven = await readProvenBase(reader, { ...of, validator })
  return { ...proven, statement: statementOf(said, found.attempt), index: found.index, entry }
}

/** The accusation that has to be committed to in an earlier block. @param challenger who opens the case */
export function scoreAccusation(
  { taskId, round, validator }: Pick<AccusedEntry, 'taskId' | 'round' | 'validator'>,
  challenger: Address,
): Accusation {
  return { challenger, kind: 'falseScore', taskId, round, defendant: validator }
}

/** Opening the case with a bond that the court was approved for, after the commitment, unsigned. */
export function accuseScoreCall(
  deployment: Deployment,
  parameters: Omit<AccuseScoreParameters, 'bond'> & { salt: Hash },
): Call {
  const { taskId, round, validator, statement, index, member, proof, evidence, cohort, salt } = parameters
  const said = [statement, BigInt(index), BigInt(member), proof, evidence, salt] as const
  return {
    to: deployment.contracts.accusations,
    data: encodeFunctionData({
      abi: iAccusationsAbi,
      functionName: 'accuseScore',
      args: [taskId, round, validator, ...said],
    }),
    action: `accuse ${validator} of a false score of member ${member} of cohort ${cohort} in round ${round} of task ${taskId}`,
  }
}

/**
 * Opens a case against a validator whose score isn't what its draws give. Approves the court for the bond first, and
 * commits to the accusation one block before. Have your own
 * computation come to another value: if the jurors come to the same, the bond is lost.
 *
 * @example
 * const proof = await readScoreProof(reader, entry)
 * const sent = await accuseScore(client, { ...entry, ...proof, evidence })
 * @returns the number of the case: `value.caseId`
 */
export function accuseScore(
  client: AssayClient,
  parameters: AccuseScoreParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const accusation = scoreAccusation(parameters, client.wallet.account.address)
  const callWith = (salt: Hash) => accuseScoreCall(client.deployment, { ...parameters, salt })
  return openCase(client, { accusation, callWith, bond: parameters.bond }, options)
}

function noScores({ taskId, round, validator, cohort }: AccusedEntry): AssayError {
  return new AssayError({
    name: 'NoScores',
    values: { taskId, round, validator, cohort },
    message: `${validator} revealed no scores of cohort ${cohort} in round ${round} of task ${taskId}.`,
    fix: 'Name a validator that revealed them, and a cohort in which it had a seat.',
    kind: 'refused',
  })
}

function isJudgement({ validator, member, cohort }: AccusedEntry, entry: number): AssayError {
  return new AssayError({
    name: 'EntryIsJudgement',
    values: { validator, member, cohort, entry },
    message: `What ${validator} says of member ${member} of cohort ${cohort} is its own judgement: nobody can compute it again.`,
    fix: 'Only scores, and that the update itself is refused (S1), can be accused.',
    kind: 'refused',
  })
}
