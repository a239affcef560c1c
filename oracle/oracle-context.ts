import type { WorkContext } from '@assay/daemon/work-context.ts'
import type { OracleBehaviour } from './behaviour.ts'
import type { ScoredUpdates } from './court/scored-updates.ts'
import type { Docket } from './docket.ts'
import type { JudgeContext } from './judge-context.ts'
import type { ModelShelf } from './models.ts'
import type { OracleConfig } from './oracle-config.ts'
import type { OracleKeys } from './oracle-keys.ts'
import type { PoolShelf } from './pool/held-out-pool.ts'
import type { Newcomers } from './pool/seal-to-newcomers.ts'
import type { Progress } from './progress.ts'

/** What all parts of an oracle work with. */
export type OracleContext = WorkContext<OracleConfig> & {
  behaviour: OracleBehaviour
  keys: OracleKeys
  models: ModelShelf
  heldRounds: JudgeContext['heldRounds']
  /** Where the round stood when this oracle was last seen to be ready; undefined until then. */
  readyIn: string | undefined
  /** Rounds whose base model this oracle has served, or is serving, by its work. */
  served: Map<number, Promise<void>>
  progress: Progress
  pools: PoolShelf
  newcomers: Newcomers
  docket: Docket
  scored: ScoredUpdates
}
