import type { Hash } from '../hash.ts'
import type { Dataset } from './data.ts'
import type { State } from './state.ts'
import type { TaskSpec } from './task-spec.ts'

/** What a task owner decides: the spec without what follows from the files, and the files' contents. */
export type TaskContents = {
  spec: Omit<TaskSpec, 'format' | 'engine' | 'files' | 'mode'>
  stepGraph: Uint8Array
  evalGraph: Uint8Array
  init: State
  holdout: Dataset
}

/** A task package whose every file was checked. */
export type TaskPackage = {
  spec: TaskSpec
  specHash: Hash
  init: State
  holdout: Dataset
  stepGraph: Uint8Array
  evalGraph: Uint8Array
}
