import { recall, remember } from '@assay/daemon/database.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { stepRate } from '@assay/engine/run/step-batch.ts'
import type { ContributorContext } from './contributor-context.ts'
import type { Work } from './work-log.ts'

/** Subject of what is told about training that can't work. */
const TRAINING = 'training'

type Place = Pick<Work, 'round' | 'baseModelHash' | 'previousBeacon'>

/**
 * Does a round's training, unless the same training has failed before: it depends on base model, beacon and samples
 * alone, so it would fail again. Says once why, and what helps.
 *
 * @returns undefined when training ends in values that no update may have, or the task's graph breaks off on the samples
 * @throws whatever else `training` throws
 */
export async function unlessItDiverges<T>(
  context: ContributorContext,
  place: Place,
  training: () => Promise<T>,
): Promise<T | undefined> {
  const { db, config, told } = context
  const { round, baseModelHash, previousBeacon } = place
  const key = `diverged/${config.taskId}/${round}/${baseModelHash}/${previousBeacon}`
  if (recall(db, key) === undefined) {
    try {
      const done = await training()
      told.forget(TRAINING)
      return done
    } catch (error) {
      if (!(error instanceof EngineRefusal) || (error.code !== 'state' && error.code !== 'graph')) throw error
      remember(db, key, error.message)
    }
  }
  await tell(context, round, recall(db, key) ?? '')
  return undefined
}

async function tell(context: ContributorContext, round: number, reason: string): Promise<void> {
  const { told, log, params, bench, config } = context
  if (!told.isNews(TRAINING, 'fails')) return
  const learningRate = stepRate((await bench.package(params.specHash)).spec, round, 0)
  const largestFeature = largestMagnitude((await context.data()).dataset)
  log.error(
    { round, reason, largestFeature, learningRate },
    `training fails on these samples, so nothing is submitted in this round: most often the features are too large (here up to ${largestFeature}) for the learning rate, ${learningRate} at the round's first step. Scale them as the task's owner says, then leave the task (assay leave ${config.taskId}) and enrol with the new file`,
  )
}

/** Of the features; tokens are no sizes. */
function largestMagnitude({ inputs }: Dataset): number {
  const floats = Object.values(inputs).filter((values) => values instanceof Float32Array)
  return floats.reduce(
    (most, values) => values.reduce((sum, value) => Math.max(sum, Math.abs(value)), most),
    0,
  )
}
