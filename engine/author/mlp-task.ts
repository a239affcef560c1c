import type { Hash } from '../hash.ts'
import type { Pool } from '../package/pool.ts'
import type { Grid } from '../package/sample-spec.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { buildTask } from './build-task.ts'
import type { Optimizer } from './optimizers/optimizer.ts'

export type LogisticTaskOptions = {
  name: string
  inputSize: number
  /** How the inputs lie in space, if they do: then the oracles find shifted copies of the pool's samples, too. */
  grid?: Grid
  classes: number
  batchSize: number
  evalBatchSize: number
  /** Training steps of one round. */
  steps: number
  commitEvery: number
  /** Of every step; decimal text, for instance "0.1". */
  learningRate: string
  unitsPerStep: number
  personalSamples: number
  rootSteps: number
  /** Most windows replayed in one audit; default 6. */
  replayWindows?: number
  pool: Pool
  /** Seeds the initial weights. */
  seed: Hash
}

export type MlpTaskOptions = LogisticTaskOptions & {
  /** Widths of the hidden layers, first to last. */
  hidden: readonly number[]
  /** Plain SGD by default. */
  optimizer?: Optimizer
  /** Share of each hidden layer that training drops, 0 by default. */
  dropout?: number
}

/** Contents of a task that trains a multilayer perceptron with ReLU on one input of features, x, for a class. */
export function buildMlpTask(options: MlpTaskOptions): TaskContents {
  const { hidden, inputSize, grid, classes, learningRate, optimizer = { kind: 'sgd' }, ...terms } = options
  return buildTask({
    ...terms,
    model: { kind: 'mlp', hidden },
    inputs: [{ name: 'x', dtype: 'float32', shape: [inputSize], ...(grid && { grid }) }],
    target: { kind: 'class', classes },
    strata: { by: 'class' },
    optimizer,
    schedule: { kind: 'constant', rate: learningRate },
  })
}

/** Contents of a task that trains multinomial logistic regression: an MLP without hidden layers. */
export function buildLogisticTask(options: LogisticTaskOptions): TaskContents {
  return buildMlpTask({ ...options, hidden: [] })
}
