import { recall, remember } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { PoolTrial } from '@assay/engine/judge/pool-trial.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { engineUntil } from '../engine-until.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { PoolName } from './seal-pool.ts'

/**
 * Trains a model on one half of the pool and looks at the other, once for each pool: with labels that teach nothing no
 * score would mean anything, and the owner would get work for nothing.
 *
 * @throws FatalDaemonError with the figures when the pool can't judge; EngineRefusal `limit` when the engine ran out of
 * time or memory
 */
export async function requireFitPool(
  context: OracleContext,
  { specHash, poolRoot }: PoolName,
  pool: Dataset,
): Promise<void> {
  const { db, account, bench, config, log } = context
  const key = `pool is fit/${poolRoot}`
  if (recall(db, key) !== undefined) return
  const { init, spec } = await bench.package(specHash)
  const { tryPool } = await import('@assay/engine/judge/pool-trial.ts')
  const seed = deriveSeed(poolRoot, 'pool trial', BigInt(account.address))
  const engine = engineUntil(context, { specHash, spec }, context.signal)
  const trial = await tryPool({ engine, init, pool, seed })
  if (!trial.isFit) throw new FatalDaemonError(refusalOf(trial, config.taskId))
  remember(db, key, 'yes')
  const { lossBefore, lossAfter, taught } = trial
  log.info({ lossBefore, lossAfter, taught }, 'the held-out pool can judge: training on half of it helps')
}

function refusalOf({ lossBefore, lossAfter, taught, taughtError }: PoolTrial, taskId: bigint): string {
  const figures =
    `a model trained on half of it goes from a loss of ${shown(lossBefore)} to ${shown(lossAfter)} on the other half, ` +
    `and its labels are ahead of shuffled ones by ${shown(taught)} ± ${shown(taughtError)}`
  return `The held-out pool of task ${taskId} can't judge anybody: ${figures}. This oracle takes no part with it. Leave with \`assay validator leave ${taskId}\`, or start the oracle again once the owner has announced another pool.`
}

const shown = (value: number) => value.toPrecision(4)
