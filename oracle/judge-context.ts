import type { RoundsPlace } from '@assay/sdk/client/deployment.ts'
import type { LocalAccount } from 'viem'
import type { ModelShelf } from './models.ts'
import type { OracleConfig } from './oracle-config.ts'
import type { OracleContext } from './oracle-context.ts'
import type { PoolShelf } from './pool/held-out-pool.ts'
import type { HeldRounds } from './verify/held-windows.ts'

/**
 * What a seat judges cohorts with. Of the chain it needs the deployment and what was held alone, so that the lab judges by the same
 * stages without one.
 */
export type JudgeContext = Pick<OracleContext, 'store' | 'keys' | 'db' | 'bench'> & {
  account: Pick<LocalAccount, 'address'>
  config: Pick<OracleConfig, 'dataDir' | 'taskId'>
  log: Pick<OracleContext['log'], 'debug' | 'info' | 'warn' | 'error'>
  models: Pick<ModelShelf, 'load' | 'lastGlobalSteps'>
  pools: Pick<PoolShelf, 'samples' | 'index'>
  reader: { deployment: RoundsPlace }
  told: Pick<OracleContext['told'], 'isNews'>
  /** A task's rounds that pay is held of. */
  heldRounds(taskId: bigint): HeldRounds
}
