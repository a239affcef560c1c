import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import type { OracleContext } from '../oracle-context.ts'
import { isOutage, reasonOf } from '../verify/case.ts'
import { currentPool } from './pool-names.ts'
import type { PoolName } from './seal-pool.ts'
import { requireFitPool } from './try-pool.ts'

/** How long a block waits for the pool, in milliseconds. Duties come after it. */
const WAIT_MS = 10_000

/**
 * Looks for the pool at each block, in the background if it takes long: a store that hangs, or a trial on a slow machine,
 * must not keep this validator from duties. They look for the pool themselves, until their last call.
 *
 * @returns what gives the pool's name once this validator can judge by it
 * @throws FatalDaemonError like {@link awaitPool}
 */
export function openPoolWait(context: OracleContext, waitMs = WAIT_MS): () => Promise<PoolName | undefined> {
  let name: PoolName | undefined
  let running: Promise<PoolName | undefined> | undefined
  const look = () => awaitPool(context).finally(() => (running = undefined))
  return async () => {
    if (name !== undefined) return name
    running ??= look()
    // If it fails after this block has stopped waiting, the next block looks again.
    running.catch(() => undefined)
    const own = running
    try {
      name = await untilAborted(AbortSignal.timeout(waitMs), () => own)
    } catch (error) {
      if (!isOutage(error)) throw error
      if (context.told.isNews('pool', reasonOf(error)))
        context.log.warn({ reason: reasonOf(error) }, 'the held-out pool can not be had now; trying again')
    }
    return name
  }
}

/**
 * Gets the task's held-out pool, if somebody has handed it over by now, and checks that it can judge. Says once whom to
 * ask.
 *
 * @returns the pool's name once this validator can judge by it
 * @throws FatalDaemonError when the pool can't judge, or this validator was given another one
 */
export async function awaitPool(context: OracleContext): Promise<PoolName | undefined> {
  const { reader, config, pools, told, log } = context
  const { taskId } = config
  const { params } = await readTask(reader, { taskId })
  const name = await currentPool(context, params.specHash)
  const found = await pools.find(name)
  if (found !== undefined) {
    await requireFitPool(context, name, found.pool.samples)
    told.forget('pool')
    return name
  }
  if (told.isNews('pool', name.poolRoot))
    log.warn(
      { poolRoot: name.poolRoot },
      `waiting for the held-out pool: the task's owner seals it with \`assay task seal ${taskId}\`, and so does every oracle that has it`,
    )
  return undefined
}
