import type { ModelMetric } from '@assay/engine/package/model-blob.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type Contribution, readContributions } from '@assay/sdk/verbs/rounds/read-contributions.ts'
import type { RoundModel } from '@assay/sdk/verbs/rounds/read-models.ts'
import { type Enrolment, readEnrolments } from '@assay/sdk/verbs/tasks/read-enrolments.ts'
import type { TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { Address } from 'viem'

/** Somebody who trained a model, and what the chain keeps of its samples. */
export type Trainer = Contribution & Partial<Pick<Enrolment, 'dataRoot' | 'dataUnits'>>

/** What is known of a model besides its weights: what its card and its bill of materials say. */
export type ModelFacts = {
  chainId: number
  /** The contract whose events say all this. */
  rounds: Address
  taskId: bigint
  specHash: Hash
  maxRounds: number
  spec: TaskSpec
  model: RoundModel
  /** Measured by the root committee that voted for the model; undefined where its blob doesn't say. */
  metric: ModelMetric | undefined
  trainers: readonly Trainer[]
  /** An SPDX expression, as whoever fetches the model says; undefined if nobody has said. */
  licence: string | undefined
  /** sha256 of the written files by name. */
  files: ReadonlyMap<string, Hash>
  /** Rows that model.onnx takes at once; left out if it takes any number, or there is no such file. */
  onnxRows?: number
}

/** Who trained a task's model up to a round, with the roots of their samples. */
export async function readTrainers(
  reader: AssayReader,
  { taskId, params }: Pick<TaskState, 'taskId' | 'params'>,
  { round: lastRound }: Pick<RoundModel, 'round'>,
): Promise<Trainer[]> {
  const contributions = await readContributions(reader, {
    taskId,
    lastRound: Math.min(lastRound, params.maxRounds),
  })
  const enrolments = new Map((await readEnrolments(reader, { taskId })).map((one) => [one.contributor, one]))
  return contributions.map((one) => {
    const enrolment = enrolments.get(one.contributor)
    if (enrolment === undefined) return one
    return { ...one, dataRoot: enrolment.dataRoot, dataUnits: enrolment.dataUnits }
  })
}
