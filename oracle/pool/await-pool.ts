import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { OracleContext } from '../oracle-context.ts'
import { currentPool } from './pool-names.ts'
import type { PoolName } from './seal-pool.ts'
import { requireFitPool } from './try-pool.ts'

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
