import type { Address } from 'viem'
import type { AssayReader } from '../../client/clients.ts'
import { AssayError } from '../../client/errors.ts'
import { caseBond } from '../../protocol/cases.ts'
import { validatorBase } from '../../protocol/penalties.ts'
import { readTaskParams } from '../tasks/read-task-params.ts'
import { readCourtTerms } from './read-court-terms.ts'
import { type RoundProof, readRoundProof } from './read-round-proof.ts'

/** The record of a round, and what a case about a score or a vote of one of its validators is about, in ASSAY wei. */
export type ProvenBase = {
  proof: RoundProof
  /** Of the frozen roster, by index, in 1/256 of the task's least stake. */
  weights: readonly number[]
  /** Penalties are shares of it. */
  base: bigint
  bond: bigint
}

/** @throws AssayError `NotInRoster` for an account without weight in the round, or like {@link readRoundProof} */
export async function readProvenBase(
  reader: AssayReader,
  { taskId, round, validator }: { taskId: bigint; round: number; validator: Address },
): Promise<ProvenBase> {
  const [params, terms, { proof, weights }] = await Promise.all([
    readTaskParams(reader, { taskId }),
    readCourtTerms(reader),
    readRoundProof(reader, { taskId, round }),
  ])
  const places = proof.validators.map((place) => place.toLowerCase() === validator.toLowerCase())
  const weight = weights.find((one, index) => places[index] && one > 0)
  if (weight === undefined) throw notInRoster({ taskId, round, validator })
  const base = validatorBase(params.minValidatorStake, weight)
  return { proof, weights, base, bond: caseBond('falseScore', base, terms) }
}

function notInRoster(of: { taskId: bigint; round: number; validator: Address }): AssayError {
  return new AssayError({
    name: 'NotInRoster',
    values: of,
    message: `${of.validator} had no seat to draw in round ${of.round} of task ${of.taskId}.`,
    fix: 'Name a validator of that round.',
    kind: 'refused',
  })
}
