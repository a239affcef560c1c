import { openWorkbench } from '@assay/daemon/workbench.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import { ModelLostError, openModelShelf } from '../models.ts'
import type { OracleContext } from '../oracle-context.ts'
import type { RecomputeContext } from './recompute/recompute.ts'

type Desk = Pick<RecomputeContext, 'bench' | 'models'>

/**
 * Works with the package and the models of a case's task. Jurors are drawn for cases of all tasks: another task's package comes from
 * the stores, runs in a sandbox of its own, and is closed again.
 */
export async function atDeskOf<T>(
  context: OracleContext,
  taskId: bigint,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { reader, store, config } = context
  if (taskId === config.taskId) return work(context)
  const { programRoot } = await readTaskParams(reader, { taskId })
  const { sandboxMemoryMb, sandboxTimeoutMs } = config
  const bench = openWorkbench({
    programRoot,
    sandboxMemoryMb,
    sandboxTimeoutMs,
    getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }),
  })
  try {
    return await work({ bench, models: openModelShelf(reader, store, bench, noPool) })
  } finally {
    await bench.close()
  }
}

/** A lost model of a task that this oracle doesn't validate can't be computed again: that takes its held-out pool. */
async function noPool(): Promise<never> {
  throw new ModelLostError('this oracle does not have the held-out pool of the task')
}
