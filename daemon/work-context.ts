import { longestRoundSeconds } from '@assay/sdk/protocol/phases.ts'
import type { TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import type { StoreLocation } from '@assay/store/store-location.ts'
import type { DaemonConfig, DaemonContext } from './run-daemon.ts'
import { openTold, type Told } from './told.ts'
import { openUploads, type Uploads } from './uploads.ts'
import { openWorkbench, type Workbench, type WorkbenchConfig } from './workbench.ts'

/** A daemon's context, with the store for blobs and the bench for the task package and engine. */
export type WorkContext<Config extends DaemonConfig = DaemonConfig> = DaemonContext<Config> & {
  store: BlobStore
  uploads: Uploads
  bench: Workbench
  told: Told
}

/** @param locations parsed from the config before the daemon started, so that a wrong one ends it at once */
export async function openWorkContext<Config extends DaemonConfig & WorkbenchConfig>(
  daemon: DaemonContext<Config>,
  locations: readonly StoreLocation[],
): Promise<WorkContext<Config>> {
  const params = await readTaskParams(daemon.reader, { taskId: daemon.config.taskId })
  return openWorkContextFor(daemon, { locations, params })
}

/** The same for terms that are known. */
export async function openWorkContextFor<Config extends DaemonConfig & WorkbenchConfig>(
  daemon: DaemonContext<Config>,
  { locations, params }: { locations: readonly StoreLocation[]; params: TaskState['params'] },
): Promise<WorkContext<Config>> {
  const { config, db, account, log, signal } = daemon
  const { dataDir: dir, taskId } = config
  const roundSeconds = longestRoundSeconds(params)
  const uploads = await openUploads({ dir, db, locations, account, taskId, log, roundSeconds, signal })
  const { store } = uploads
  const bench = openWorkbench({
    ...config,
    programRoot: params.programRoot,
    getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }),
  })
  return { ...daemon, store, uploads, bench, told: openTold() }
}

type Open = Pick<WorkContext, 'uploads' | 'bench'>

/**
 * Adds what a role needs to a context. If that fails, nothing stays open: a daemon opens another context at the next
 * attempt, and two must not send the same uploads.
 */
export async function completed<Context extends Open, Complete>(
  context: Context,
  complete: (context: Context) => Promise<Complete>,
): Promise<Complete> {
  try {
    return await complete(context)
  } catch (error) {
    await closeWorkContext(context)
    throw error
  }
}

/** Releases what a context holds. */
export async function closeWorkContext({ uploads, bench }: Open): Promise<void> {
  await Promise.all([uploads.close(), bench.close()])
}
