import type { BlobStore } from '@assay/store/blob-store.ts'
import { openStores } from '@assay/store/open-store.ts'
import type { StoreLocation } from '@assay/store/store-location.ts'
import type { DaemonConfig, DaemonContext } from './run-daemon.ts'
import { openTold, type Told } from './told.ts'
import { openWorkbench, type Workbench, type WorkbenchConfig } from './workbench.ts'

/** A daemon's context, with the store for blobs and the bench for the task package and engine. */
export type WorkContext<Config extends DaemonConfig = DaemonConfig> = DaemonContext<Config> & {
  store: BlobStore
  bench: Workbench
  told: Told
}

/** @param locations parsed from the config before the daemon started, so that a wrong one ends it at once */
export async function openWorkContext<Config extends DaemonConfig & WorkbenchConfig>(
  daemon: DaemonContext<Config>,
  locations: readonly StoreLocation[],
): Promise<WorkContext<Config>> {
  const store = await openStores(locations)
  const bench = openWorkbench({
    ...daemon.config,
    getBlob: (hash, maxBytes) => store.get(hash, { maxBytes }),
  })
  return { ...daemon, store, bench, told: openTold() }
}
