import type { DaemonContext } from '@assay/daemon/run-daemon.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import type { OracleBehaviour } from './behaviour.ts'
import type { ModelShelf } from './models.ts'
import type { OracleConfig } from './oracle-config.ts'
import type { OracleKeys } from './oracle-keys.ts'

/** What every part of the oracle works with. The chain is behind `reader` and `outbox`, blobs are behind `store`. */
export type OracleContext = DaemonContext & {
  settings: OracleConfig
  store: BlobStore
  keys: OracleKeys
  bench: Workbench
  models: ModelShelf
  behaviour: OracleBehaviour
  /** Causes that were logged, so that each is told once. */
  noted: Set<string>
}
