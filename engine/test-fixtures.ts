/** Small tasks and data for tests: seeded, quick, with structure to learn. */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Dataset } from './data.ts'
import type { Hash } from './hash.ts'
import { buildMlpTask, type MlpTaskOptions } from './mlp-task.ts'
import type { TaskContents, TaskPackage } from './task-contents.ts'
import { assembleTaskPackage, createTask } from './task-package.ts'

export const SEED: Hash = `0x${'5e'.repeat(32)}`
export const FEATURES = 8
export const CLASSES = 3

/** A seed of its own for each purpose of a test. */
export function seedOf(label: string, ...words: bigint[]): Hash {
  return deriveSeed(SEED, label, ...words)
}

/** Samples scattered around one centre per class. */
export function blobs(n: number, seed: Hash, classes = CLASSES): Dataset {
  const noise = drawIndices(deriveSeed(seed, 'noise'), n * FEATURES, 2001)
  const y = Int32Array.from(drawIndices(deriveSeed(seed, 'labels'), n, classes))
  const centres = drawIndices(seedOf('centres'), classes * FEATURES, 2001)
  const x = Float32Array.from(noise, (draw, at) => {
    const centre = centres[y[Math.floor(at / FEATURES)]! * FEATURES + (at % FEATURES)]!
    return (centre - 1000) / 500 + (draw - 1000) / 1500
  })
  return { x, y, n }
}

/** Contents of a small MLP task. */
export function smallTask(options: Partial<MlpTaskOptions> = {}): TaskContents {
  return buildMlpTask({
    name: 'blobs',
    inputSize: FEATURES,
    hidden: [6],
    classes: CLASSES,
    batchSize: 4,
    evalBatchSize: 16,
    steps: 12,
    commitEvery: 3,
    learningRate: '0.1',
    unitsPerStep: 1,
    personalSamples: 64,
    rootSteps: 12,
    holdout: blobs(120, seedOf('holdout')),
    seed: seedOf('init'),
    ...options,
  })
}

/** The same, as a checked package. */
export async function smallPackage(options: Partial<MlpTaskOptions> = {}): Promise<TaskPackage> {
  const { taskJson, files } = await createTask(smallTask(options))
  return assembleTaskPackage(taskJson, files)
}

/** A vector of independent values, even in −1 … 1. */
export function noiseVector(size: number, seed: Hash): Float32Array {
  return Float32Array.from(drawIndices(seed, size, 2 ** 24), (draw) => draw / 2 ** 23 - 1)
}
