import { openEngine } from '@assay/engine/node/session.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { parseModel } from '@assay/engine/package/model.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import { train } from '@assay/engine/run/train.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'

/**
 * What one trainer with everybody's data would reach: as many steps a round as each contributor takes, from the same start.
 * @returns accuracy on the test set after each round, as a fraction
 */
export async function trainCentrally(options: {
  taskPackage: TaskPackage
  data: Dataset
  test: Dataset
  rounds: number
  seed: Hash
}): Promise<number[]> {
  const { taskPackage, data, test, rounds, seed } = options
  const engine = await openEngine(taskPackage)
  try {
    const accuracies: number[] = []
    let base = taskPackage.init
    for (let round = 1; round <= rounds; round++) {
      const batchSeed = deriveSeed(seed, 'central batches', BigInt(round))
      const { final } = await train({ engine, base, data, round, batchSeed, keepBorders: false })
      accuracies.push((await evaluateDataset({ engine, state: final, data: test })).meanMetric)
      base = final
    }
    return accuracies
  } finally {
    await engine.close()
  }
}

/** Accuracy of serialized models on the test set, as fractions. */
export async function accuraciesOf(options: {
  taskPackage: TaskPackage
  models: Uint8Array[]
  test: Dataset
}): Promise<number[]> {
  const { taskPackage, models, test } = options
  const engine = await openEngine(taskPackage)
  try {
    const accuracies: number[] = []
    for (const bytes of models) {
      const state = parseModel(taskPackage.spec, bytes)
      accuracies.push((await evaluateDataset({ engine, state, data: test })).meanMetric)
    }
    return accuracies
  } finally {
    await engine.close()
  }
}
