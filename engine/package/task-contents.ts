import type { Hash } from '../hash.ts'
import type { Pool } from './pool.ts'
import type { Preprocess } from './preprocess.ts'
import type { GraphCost } from './sizes/graph-cost.ts'
import type { State } from './state.ts'
import type { TaskSpec } from './task-spec.ts'

/**
 * What a task owner decides: the spec without what follows from the files, the files' contents, and the held-out pool. The mode is
 * exact unless it says otherwise.
 */
export type TaskContents = {
  spec: Omit<TaskSpec, 'format' | 'engine' | 'files' | 'mode' | 'pool'> & { mode?: TaskSpec['mode'] }
  stepGraph: Uint8Array
  evalGraph: Uint8Array
  init: State
  pool: Pool
  /** How a model predicts, if somebody shall. */
  predictGraph?: Uint8Array
  /** How files become samples, if the package says it. */
  preprocess?: Preprocess
}

/** A task package whose every file was checked. */
export type TaskPackage = {
  spec: TaskSpec
  specHash: Hash
  /** Commitment to the nodes of step.onnx, by which a contract knows them: see program.ts. */
  programRoot: Hash
  init: State
  stepGraph: Uint8Array
  evalGraph: Uint8Array
  predictGraph?: Uint8Array
  preprocess?: Preprocess
  /** What one run of each graph takes. */
  costs: { step: GraphCost; evaluation: GraphCost; prediction?: GraphCost }
}
