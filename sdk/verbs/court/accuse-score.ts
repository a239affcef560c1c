import { type Address, encodeFunctionData } from 'viem'
import type { AssayClient, AssayReader } from '../../client/clients.ts'
import type { Deployment } from '../../client/deployment.ts'
import { AssayError } from '../../client/errors.ts'
import { type Call, type SendOptions, type Sent, send, withValue } from '../../client/send.ts'
import { iAccusationsAbi } from '../../generated/IAccusations.ts'
import type { Hash } from '../../protocol/random.ts'
import { entryAt, isComputed } from '../../protocol/score-words.ts'
import { allow } from '../assay-token/allow.ts'
import { openedCase } from './accuse-withholding.ts'
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

/** Opening the case with a bond that the court was approved for, unsigned. */
export function accuseScoreCall(
  deployment: Deployment,
  parameters: Omit<AccuseScoreParameters, 'bond'>,
): Call {
  const { taskId, round, validator, statement, index, member, proof, evidence, cohort } = parameters
  const said = [statement, BigInt(index), BigInt(member), proof, evidence] as const
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
 * Opens a case against a validator whose score isn't what its draws give. Approves the court for the bond first. Have your own
 * computation come to another value: if the jurors come to the same, the bond is lost.
 *
 * @example
 * const proof = await readScoreProof(reader, entry)
 * const sent = await accuseScore(client, { ...entry, ...proof, evidence })
 * @returns the number of the case: `value.caseId`
 */
export async function accuseScore(
  client: AssayClient,
  parameters: AccuseScoreParameters,
  options?: SendOptions,
): Promise<Sent<{ caseId: bigint }>> {
  const { assayToken: token, court } = client.deployment.contracts
  const allowed = await allow(client, { token, spender: court, amount: parameters.bond })
  if (allowed.status === 'failed' || allowed.status === 'pending') return allowed
  const call = accuseScoreCall(client.deployment, parameters)
  return withValue(send(client, call, options), (receipt) => ({ caseId: openedCase(receipt, court) }))
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
