import type { Pool } from '../package/pool.ts'
import type { SampleSpec } from '../package/sample-spec.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { stateChunkBytesFor, type TaskSpec } from '../package/task-spec.ts'
import { buildModel, type ModelOptions } from './models/build-model.ts'

/** What a task's terms say of training, besides its model. */
type Terms = Pick<
  TaskSpec,
  'name' | 'steps' | 'commitEvery' | 'schedule' | 'unitsPerStep' | 'personalSamples' | 'rootSteps'
>

export type TaskOptions = ModelOptions &
  Terms & {
    strata: SampleSpec['strata']
    /** Most windows replayed in one audit; default 6. */
    replayWindows?: number
    pool: Pool
  }

const DEFAULT_REPLAY_WINDOWS = 6

/**
 * Contents of a task that trains a built-in model.
 *
 * @throws EngineRefusal `spec` like {@link buildModel}
 */
export function buildTask(options: TaskOptions): TaskContents {
  const { stepGraph, evalGraph, predictGraph, state, init, noise, loss, metric } = buildModel(options)
  return {
    spec: {
      name: options.name,
      state,
      stateChunkBytes: stateChunkBytesFor(state),
      inputs: [...options.inputs],
      target: options.target,
      strata: options.strata,
      loss,
      metric,
      batchSize: options.batchSize,
      evalBatchSize: options.evalBatchSize,
      steps: options.steps,
      commitEvery: options.commitEvery,
      schedule: options.schedule,
      noise,
      replayWindows: options.replayWindows ?? DEFAULT_REPLAY_WINDOWS,
      unitsPerStep: options.unitsPerStep,
      personalSamples: options.personalSamples,
      rootSteps: options.rootSteps,
    },
    stepGraph,
    evalGraph,
    predictGraph,
    init,
    pool: options.pool,
  }
}
