import { blobHash } from '@assay/engine/hash.ts'
import { toleranceOf } from '@assay/engine/package/mode.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { readStepCase, stepProofOf } from '@assay/engine/run/step-case.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError } from '@assay/sdk/client/errors.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { pageProof } from '@assay/sdk/protocol/page-proof.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { AccuseStepParameters } from '@assay/sdk/verbs/court/accuse-step.ts'
import { readRoundBasis } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions, type Submission } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { encryptCaseEvidence } from '@assay/store/case-evidence.ts'

/** All that a case about a false step is opened with, and the blob that has to be in the stores before. */
export type StepCharge = Omit<AccuseStepParameters, 'bond'> & { blob: Uint8Array; key: Uint8Array }

/**
 * Makes a charge of what an oracle kept of a replay: whose it is follows from the round's submissions.
 *
 * @param clear the kept file
 * @throws EngineRefusal for a malformed file, AssayError `NoSubmission` when nobody committed to it in that round, `TolerantTask` where
 * no step is false
 */
export async function stepCharge(
  reader: AssayReader,
  { spec, taskId, round, clear }: { spec: TaskSpec; taskId: bigint; round: number; clear: Uint8Array },
): Promise<StepCharge> {
  if (toleranceOf(spec) !== undefined) throw neverFalse(taskId)
  const shown = readStepCase(spec, clear)
  const { previousBeacon, span } = await readRoundBasis(reader, { taskId, round })
  const submissions = await readSubmissions(reader, { taskId, round, span })
  const { chainId, contracts } = reader.deployment
  const place = { chainId, rounds: contracts.rounds, taskId, round }
  const isIts = ({ contributor, commitment }: Submission) =>
    submissionCommitment({ ...place, contributor, ...shown.fields }) === commitment
  const own = submissions.find(isIts)
  if (own === undefined) throw noSubmission({ taskId, round, count: submissions.length })
  const { contributor } = own
  const seed: Hash = batchSeed({ previousBeacon, taskId, round, contributor })
  const about = { kind: 'falseStep', taskId, round, subject: shown.window, defendant: contributor } as const
  const { blob, key } = encryptCaseEvidence(clear, { chainId, ...about })
  return {
    taskId,
    round,
    contributor,
    page: pageProof(submissions, own.index),
    fields: shown.fields,
    step: stepProofOf(spec, shown, seed),
    evidence: blobHash(blob),
    blob,
    key,
  }
}

function neverFalse(taskId: bigint): AssayError {
  return new AssayError({
    name: 'TolerantTask',
    values: { taskId },
    message: `Task ${taskId} is tolerant: its training may differ from a replay, so that no step of it is false.`,
    fix: 'Nothing is to be accused. A window that differs by more than the task accepts is not paid.',
    kind: 'refused',
  })
}

function noSubmission(values: { taskId: bigint; round: number; count: number }): AssayError {
  const { taskId, round, count } = values
  return new AssayError({
    name: 'NoSubmission',
    values,
    message: `None of the ${count} submissions of round ${round} of task ${taskId} is what the evidence belongs to.`,
    fix: 'Name the round that the evidence is of: its file name has it after the task.',
    kind: 'refused',
  })
}
