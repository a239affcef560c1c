/**
 * Whether a held-out pool can judge anybody: a model trained on one half of it has to know more of the other half than a model can
 * that only learnt how frequent the classes are. The labels of a pool with scrambled labels tell nothing, and neither do scores
 * that are measured with them. Targets of any kind are labels here.
 *
 *     gain(labels) = loss(base) − loss(trained) of a sample, with these labels
 *     ahead        = gain(true label) − mean of gain(label of another sample)
 *     taught       = mean of ahead
 *
 * Of few samples a single exchange of labels says as much by chance as by what was learnt, and so does one half. So labels are
 * exchanged in several ways, and each half judges what the other one teaches, until the true labels are clearly ahead.
 */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import { type Dataset, subset } from '../package/data.ts'
import type { State } from '../package/state.ts'
import { demand } from '../refusal.ts'
import { sampleLosses } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'
import { makeStepBatch, referenceRate } from '../run/step-batch.ts'
import { batchIndices } from '../run/train.ts'
import { meanAndError } from '../vector.ts'

export type PoolTrial = {
  /** Mean loss of the samples that judge, before and after the training. */
  lossBefore: number
  lossAfter: number
  /** How much more the loss falls with the true labels than with those of other samples, and its standard error. */
  taught: number
  taughtError: number
  /** Whether the pool can judge. */
  isFit: boolean
}

/** Standard errors by which the true labels must be ahead. Scrambled ones are ahead by two in one try of forty. */
export const LEAST_ERRORS = 4
const LEAST_SAMPLES = 8
/** Standard errors by which true labels are ahead where nothing more needs to be tried. */
const CLEAR_ERRORS = 2 * LEAST_ERRORS
/** Ways to exchange labels: many of a small pool, few of a large one. */
const MOST_EXCHANGES = 16
const MOST_EXCHANGED_LABELS = 2048

type Options = { engine: Engine; init: State; pool: Dataset; seed: Hash }

/** Of each sample that judges. */
type Comparison = { before: number[]; after: number[]; ahead: number[] }

/**
 * Trains for `rootSteps`, at the rate that the task's first round is judged by, on a half of the pool and looks at the other.
 *
 * @throws EngineRefusal `data` for a pool of a handful of samples
 */
export async function tryPool(options: Options): Promise<PoolTrial> {
  const { pool } = options
  demand(
    pool.n >= LEAST_SAMPLES,
    'data',
    () =>
      `the pool has ${pool.n} samples; ${LEAST_SAMPLES} are the fewest that can be halved and judged with`,
  )
  const size = Math.floor(pool.n / 2)
  const [even, odd] = [0, 1].map((parity) =>
    subset(
      pool,
      Array.from({ length: size }, (_, i) => 2 * i + parity),
    ),
  )
  const first = await tryHalf(options, even!, odd!)
  if (isClear(first.ahead)) return verdictOf(first)
  const second = await tryHalf(options, odd!, even!)
  return verdictOf({
    before: [...first.before, ...second.before],
    after: [...first.after, ...second.after],
    ahead: [...first.ahead, ...second.ahead],
  })
}

function verdictOf({ before, after, ahead }: Comparison): PoolTrial {
  const { mean: taught, error: taughtError } = meanAndError(ahead)
  const [lossBefore, lossAfter] = [meanAndError(before).mean, meanAndError(after).mean]
  // Written so that NaN isn't fit.
  const isFit = lossAfter < lossBefore && taught > LEAST_ERRORS * taughtError
  return { lossBefore, lossAfter, taught, taughtError, isFit }
}

function isClear(ahead: number[]): boolean {
  const { mean, error } = meanAndError(ahead)
  return mean > CLEAR_ERRORS * error
}

async function tryHalf(
  { engine, init, seed }: Options,
  training: Dataset,
  judged: Dataset,
): Promise<Comparison> {
  const { spec } = engine
  const rate = referenceRate(spec, 1)
  const batches = Array.from({ length: spec.rootSteps }, (_, step) =>
    makeStepBatch(spec, training, batchIndices(seed, step, spec.batchSize, training.n), {
      rate,
      seed,
      step,
    }),
  )
  const { state } = await engine.steps(init, batches)
  const indices = Array.from({ length: Math.min(judged.n, spec.personalSamples) }, (_, i) => i)
  const lossesOf = async (data: Dataset) => ({
    before: [...(await sampleLosses({ engine, state: init, data, indices }))],
    after: [...(await sampleLosses({ engine, state, data, indices }))],
  })
  const own = await lossesOf(judged)
  return { ...own, ahead: await aheadOfOthers(own, (seed) => lossesOf(withOtherTargets(judged, seed)), seed) }
}

/** How much more the loss of each sample falls with its own label than with others, drawn until the mean is clear. */
async function aheadOfOthers(
  own: Omit<Comparison, 'ahead'>,
  exchanged: (seed: Hash) => Promise<Omit<Comparison, 'ahead'>>,
  seed: Hash,
): Promise<number[]> {
  const n = own.before.length
  const most = Math.max(1, Math.min(MOST_EXCHANGES, Math.floor(MOST_EXCHANGED_LABELS / n)))
  const others = new Float64Array(n)
  let ahead: number[] = []
  for (let done = 1; done <= most && !isClear(ahead); done++) {
    const { before, after } = await exchanged(deriveSeed(seed, 'exchange', BigInt(done)))
    for (let i = 0; i < n; i++) others[i]! += before[i]! - after[i]!
    ahead = own.before.map((before, i) => before - own.after[i]! - others[i]! / done)
  }
  return ahead
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
