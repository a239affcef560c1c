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
  const { config, db, account, log } = daemon
  const { dataDir: dir, taskId } = config
  const uploads = await openUploads({ dir, db, locations, account, taskId, log })
  const { store } = uploads
  const bench = openWorkbench({ ...config, getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }) })
  return { ...daemon, store, uploads, bench, told: openTold() }
}

/** Releases what a context holds. */
export async function closeWorkContext({
  uploads,
  bench,
}: Pick<WorkContext, 'uploads' | 'bench'>): Promise<void> {
  await Promise.all([uploads.close(), bench.close()])
}
