import { buildLogisticTask } from '@assay/engine/author/mlp-task.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { Grid } from '@assay/engine/package/sample-spec.ts'
import type { TaskContents } from '@assay/engine/package/task-contents.ts'
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/protocol/random.ts'

const FEATURES = 24
const CLASSES = 4
export const WINDOWS = 5
const NOISE = 2
const GRAIN = 2 ** 16
/** Of every ten samples of a shard, how many are of its own class; the others are of any. */
const OWN_TENTHS = 5

/** The features as places of a line, for tests of shifts. */
export const LINE: Grid = { height: 1, width: FEATURES, channels: 1, order: 'channels-last' }

/** A task that trains in milliseconds: four noisy clusters, 20 steps in five windows. */
export function smallTask(seed: Hash, { grid }: { grid?: Grid } = {}): TaskContents {
  return buildLogisticTask({
    name: 'small',
    inputSize: FEATURES,
    ...(grid && { grid }),
    classes: CLASSES,
    batchSize: 8,
    evalBatchSize: 64,
    steps: 20,
    commitEvery: 20 / WINDOWS,
    learningRate: '0.05',
    unitsPerStep: 1,
    personalSamples: 128,
    rootSteps: 20,
    replayWindows: WINDOWS,
    pool: { samples: clusters(deriveSeed(seed, 'holdout'), 240), saltSeed: deriveSeed(seed, 'pool salt') },
    seed: deriveSeed(seed, 'init'),
  })
}

/**
 * Labelled points around one centre a class; the centres are those of every data set of the task.
 *
 * @param own the class that half of the samples have, as in a contributor's shard
 */
export function clusters(seed: Hash, n: number, own?: number): Dataset {
  const x = new Float32Array(n * FEATURES)
  const y = new Int32Array(n)
  const noise = drawIndices(seed, n * FEATURES, GRAIN)
  const labels = drawIndices(deriveSeed(seed, 'labels'), n, CLASSES)
  for (let i = 0; i < n; i++) {
    const label = own !== undefined && i % 10 < OWN_TENTHS ? own % CLASSES : labels[i]!
    y[i] = label
    for (let f = 0; f < FEATURES; f++) {
      const centre = f % CLASSES === label ? 1 : 0
      x[i * FEATURES + f] = centre + NOISE * ((2 * noise[i * FEATURES + f]!) / GRAIN - 1)
    }
  }
  return { inputs: { x }, y, n }
}

/** The same points with every label wrong. */
export function flipped(data: Dataset): Dataset {
  return { ...data, y: data.y.map((label) => CLASSES - 1 - label) }
}
