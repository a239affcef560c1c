/**
 * Whether a held-out pool can judge anybody: a model trained on one half of it has to know more of the other half than a model can
 * that only learnt how frequent the classes are. The labels of a pool with scrambled labels tell nothing, and neither do scores
 * that are measured with them. Targets of any kind are labels here.
 *
 *     gain(labels) = mean over the second half of loss(base) − loss(trained),  with these labels
 *     taught = gain(true labels) − gain(labels of other samples)               each sample against itself
 */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import { type Dataset, subset } from '../package/data.ts'
import type { State } from '../package/state.ts'
import { demand } from '../refusal.ts'
import { sampleLosses } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'
import { makeStepBatch, stepRate } from '../run/step-batch.ts'
import { batchIndices } from '../run/train.ts'
import { meanAndError } from '../vector.ts'

export type PoolTrial = {
  /** Mean loss of the pool's second half before and after the training. */
  lossBefore: number
  lossAfter: number
  /** How much more the loss falls with the true labels than with those of other samples, and its standard error. */
  taught: number
  taughtError: number
  /** Whether the pool can judge. */
  isFit: boolean
}

/** Standard errors by which the true labels must be ahead. Scrambled ones are ahead by two in one try of forty. */
const LEAST_ERRORS = 4
const LEAST_SAMPLES = 8

/**
 * Trains for `rootSteps`, at the learning rate of the task's first step, on one half of the pool and looks at the other.
 *
 * @throws EngineRefusal `data` for a pool of a handful of samples
 */
export async function tryPool(options: {
  engine: Engine
  init: State
  pool: Dataset
  seed: Hash
}): Promise<PoolTrial> {
  const { engine, init, pool, seed } = options
  const { spec } = engine
  demand(
    pool.n >= LEAST_SAMPLES,
    'data',
    () =>
      `the pool has ${pool.n} samples; ${LEAST_SAMPLES} are the fewest that can be halved and judged with`,
  )
  const half = (parity: number) =>
    subset(
      pool,
      Array.from({ length: Math.floor(pool.n / 2) }, (_, i) => 2 * i + parity),
    )
  const [training, judged] = [half(0), half(1)]
  const rate = stepRate(spec, 1, 0)
  const batches = Array.from({ length: spec.rootSteps }, (_, step) =>
    makeStepBatch(spec, training, batchIndices(seed, step, spec.batchSize, training.n), {
      rate,
      seed,
      step,
    }),
  )
  const { state } = await engine.steps(init, batches)
  const indices = Array.from({ length: Math.min(judged.n, spec.personalSamples) }, (_, i) => i)
  const losses = (data: Dataset, of: State) => sampleLosses({ engine, state: of, data, indices })
  const shuffled = withOtherTargets(judged, seed)
  const [before, after] = [await losses(judged, init), await losses(judged, state)]
  const [beforeOther, afterOther] = [await losses(shuffled, init), await losses(shuffled, state)]
  const ahead = indices.map((i) => before[i]! - after[i]! - (beforeOther[i]! - afterOther[i]!))
  const { mean: taught, error: taughtError } = meanAndError(ahead)
  const lossBefore = meanAndError(before).mean
  const lossAfter = meanAndError(after).mean
  // Written so that NaN isn't fit.
  const isFit = lossAfter < lossBefore && taught > LEAST_ERRORS * taughtError
  return { lossBefore, lossAfter, taught, taughtError, isFit }
}

/** Each sample with the target of another one, drawn by the seed: classes stay as frequent as they are. */
function withOtherTargets(data: Dataset, seed: Hash): Dataset {
  const order = Array.from({ length: data.n }, (_, i) => i)
  const draws = drawIndices(seed, data.n, 2 ** 24)
  for (let i = data.n - 1; i > 0; i--) {
    const other = draws[i]! % (i + 1)
    ;[order[i], order[other]] = [order[other]!, order[i]!]
  }
  return { ...data, y: subset(data, order).y }
}
