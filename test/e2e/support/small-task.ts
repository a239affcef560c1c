import type { Dataset } from '@assay/engine/data.ts'
import { buildLogisticTask } from '@assay/engine/mlp-task.ts'
import type { TaskContents } from '@assay/engine/task-contents.ts'
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/random.ts'

export const FEATURES = 6
export const CLASSES = 3
export const WINDOWS = 5
const NOISE = 0.6
const GRAIN = 2 ** 16

/** A task that trains in milliseconds: three noisy clusters, 20 steps in five windows. */
export function smallTask(seed: Hash): TaskContents {
  return buildLogisticTask({
    name: 'small',
    inputSize: FEATURES,
    classes: CLASSES,
    batchSize: 8,
    evalBatchSize: 64,
    steps: 20,
    commitEvery: 20 / WINDOWS,
    learningRate: '0.1',
    unitsPerStep: 1,
    personalSamples: 128,
    rootSteps: 10,
    replayWindows: WINDOWS,
    holdout: clusters(deriveSeed(seed, 'holdout'), 240),
    seed: deriveSeed(seed, 'init'),
  })
}

/** Labelled points around one centre a class; the centres are those of every data set of the task. */
export function clusters(seed: Hash, n: number, flipLabels = false): Dataset {
  const x = new Float32Array(n * FEATURES)
  const y = new Int32Array(n)
  const noise = drawIndices(seed, n * FEATURES, GRAIN)
  const labels = drawIndices(deriveSeed(seed, 'labels'), n, CLASSES)
  for (let i = 0; i < n; i++) {
    const label = labels[i]!
    y[i] = flipLabels ? CLASSES - 1 - label : label
    for (let f = 0; f < FEATURES; f++) {
      const centre = f % CLASSES === label ? 1 : 0
      x[i * FEATURES + f] = centre + NOISE * ((2 * noise[i * FEATURES + f]!) / GRAIN - 1)
    }
  }
  return { x, y, n }
}
