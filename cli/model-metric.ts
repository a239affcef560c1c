import type { ModelMetric } from '@assay/engine/package/model-blob.ts'
import { metricText } from '@assay/engine/package/sample-text.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, StoreError } from '@assay/store/blob-store.ts'

/** A task's current model, and how good it is; `unknown` says why that can't be told. */
export type ModelState = { hash: Hash; measured?: MeasuredModel; unknown?: string }

/** What a model's blob says of it, and what the task calls its figures. */
export type MeasuredModel = { figures: ModelMetric; loss: TaskSpec['loss']; metric: TaskSpec['metric'] }

const MICROS = 1e6
/** Longest reason that is shown. It may hold what a stranger wrote. */
const MOST_REASON = 200

/**
 * What a task's current model says of itself, from its blob: the hash is on chain, so a root committee agreed on the
 * figures with the model.
 *
 * @param of what the chain says: the package, the first and the current model, and the last round, which may have made it
 */
export async function readModelMetric(
  store: BlobStore | undefined,
  of: { specHash: Hash; firstModel: Hash; hash: Hash; round: number },
): Promise<ModelState> {
  const { specHash, firstModel, hash, round } = of
  if (hash === firstModel) return { hash, unknown: 'the first one: no model of a round has its place' }
  if (store === undefined)
    return {
      hash,
      unknown: 'name a store that has it, with --store-url or --store-dir, to see how good it is',
    }
  // Loaded only here: most verbs need no package.
  const { MAX_SPEC_BYTES, parseTaskSpec } = await import('@assay/engine/package/task-spec.ts')
  const { readModel } = await import('@assay/engine/package/model-blob.ts')
  const { maxModelBytes } = await import('@assay/engine/package/model.ts')
  try {
    const { spec } = parseTaskSpec(await store.get(specHash, { maxBytes: MAX_SPEC_BYTES }))
    const { metric: figures } = readModel(spec, await store.get(hash, { maxBytes: maxModelBytes(spec) }))
    const { loss, metric } = spec
    if (figures !== undefined && figures.round <= round) return { hash, measured: { figures, loss, metric } }
    return { hash, unknown: 'its blob does not say how good it is' }
  } catch (error) {
    return { hash, unknown: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (isMissing(error)) return 'not in the store yet, or its package is not'
  if (error instanceof StoreError)
    return `the store doesn't give it: ${plainText(error.message, MOST_REASON)}`
  if (error instanceof EngineRefusal)
    return `the store's is none of this task: ${plainText(error.message, MOST_REASON)}`
  throw error
}

/** A model in words. */
export function modelText({ measured, unknown }: ModelState): string {
  if (measured === undefined) return unknown ?? ''
  const { figures, loss, metric } = measured
  const { round, metricMicros, lossMicros, samples, poolSamples } = figures
  const of = samples === poolSamples ? samples : `${samples} of ${poolSamples}`
  return `round ${round}: ${metricText(metric, metricMicros / MICROS)}, ${loss.name} ${lossText(lossMicros)} on ${of} held-out samples, voted with the model`
}

/** A loss in millionths, as people read it. */
export function lossText(micros: number): string {
  return String(Number((micros / MICROS).toPrecision(4)))
}
