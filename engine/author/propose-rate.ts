/** A short run on a task owner's own machine, to find a learning rate that works. */
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { Dataset } from '../package/data.ts'
import { modelOf } from '../package/model.ts'
import type { State } from '../package/state.ts'
import { EngineRefusal, isDeterministic } from '../refusal.ts'
import { evaluateDataset } from '../run/evaluate.ts'
import type { Engine } from '../run/runner.ts'
import { makeStepBatch } from '../run/step-batch.ts'
import { batchIndices } from '../run/train.ts'

/** What came of training with one learning rate. */
export type RateTrial = {
  /** Decimal text, as task.json has it. */
  rate: string
  /** Over the judged samples, after the last step; `undefined` where training diverged. */
  meanLoss: number | undefined
  meanMetric: number | undefined
}

/**
 * Trains from the start with each rate in turn, the same steps on the same samples, and takes the one with the lowest loss
 * on samples that weren't trained on.
 *
 * @throws EngineRefusal `data` when training diverges with every rate; `limit` when the engine ran out of time or memory
 */
export async function proposeRate(options: {
  engine: Engine
  init: State
  training: Dataset
  judged: Dataset
  rates: readonly string[]
  steps: number
  seed: Hash
}): Promise<{ best: RateTrial; trials: RateTrial[] }> {
  const { rates } = options
  const trials: RateTrial[] = []
  for (const rate of rates) trials.push(await tryRate(options, rate))
  const [best] = trials
    .filter(({ meanLoss }) => meanLoss !== undefined)
    .sort((a, b) => a.meanLoss! - b.meanLoss!)
  if (best === undefined)
    throw new EngineRefusal(
      'data',
      `training diverges with every learning rate from ${rates[0]} to ${rates.at(-1)}: name a lower one, or scale the samples`,
    )
  return { best, trials }
}

async function tryRate(
  { engine, init, training, judged, steps, seed }: Parameters<typeof proposeRate>[0],
  rate: string,
): Promise<RateTrial> {
  const { spec } = engine
  const batchSeed = deriveSeed(seed, 'rate trial')
  const value = Math.fround(Number(rate))
  const batchOf = (step: number) =>
    makeStepBatch(spec, training, batchIndices(batchSeed, step, spec.batchSize, training.n), {
      rate: value,
      seed: batchSeed,
      step,
    })
  try {
    let state = init
    // One at a time: batches of all steps could take gigabytes.
    for (let step = 0; step < steps; step++) state = (await engine.steps(state, [batchOf(step)])).state
    const { meanLoss, meanMetric } = await evaluateDataset({
      engine,
      state: modelOf(spec, state),
      data: judged,
    })
    return Number.isFinite(meanLoss) ? { rate, meanLoss, meanMetric } : diverged(rate)
  } catch (error) {
    if (!isDeterministic(error)) throw error
    return diverged(rate)
  }
}

function diverged(rate: string): RateTrial {
  return { rate, meanLoss: undefined, meanMetric: undefined }
}
