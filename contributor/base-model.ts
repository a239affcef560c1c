import { modelFileHash, startState } from '@assay/engine/package/model.ts'
import { type ModelMetric, readModel } from '@assay/engine/package/model-blob.ts'
import { metricText } from '@assay/engine/package/sample-text.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { isMissing, isTooLarge } from '@assay/store/blob-store.ts'
import type { ContributorContext } from './contributor-context.ts'

/**
 * The state that training from the model with that hash starts from; the model is from the package or the store.
 *
 * @returns undefined as long as nobody has put it into the store; one that is longer than a model isn't it
 */
export async function fetchModel(context: ContributorContext, hash: Hash): Promise<State | undefined> {
  const contents = await context.bench.package(context.params.specHash)
  const { spec, init } = contents
  if (modelFileHash(spec, init) === hash) return init
  try {
    const bytes = await context.store.get(hash, { maxBytes: maxUpdateBytes(spec) })
    const { state, metric } = readModel(spec, bytes)
    if (metric !== undefined) tell(context, spec, metric)
    return startState(contents, state)
  } catch (error) {
    if (isMissing(error) || isTooLarge(error)) return undefined
    throw error
  }
}

/** Says once a round how good the model is. The contributor can't measure it: it has no held-out samples. */
function tell({ told, log }: ContributorContext, spec: TaskSpec, metric: ModelMetric): void {
  const { round, lossMicros, metricMicros, samples, poolSamples } = metric
  if (!told.isNews('model', `${round}`)) return
  const figures = {
    metric: metricText(spec.metric, metricMicros / 1e6),
    lossMicros,
    metricMicros,
    samples,
    poolSamples,
  }
  log.info({ madeInRound: round, ...figures }, 'the model to train from, as its round measured it')
}
