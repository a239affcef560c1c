import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { WorkbenchConfig } from '@assay/daemon/workbench.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What an oracle needs to know. Everything else it reads from the chain. */
export type OracleConfig = DaemonConfig &
  WorkbenchConfig & {
    /**
     * File of the task's held-out pool, if its owner gave it to this validator itself. Without it the pool comes from the
     * stores. Contributors must never have it.
     */
    poolFile?: string | undefined
    /** ASSAY wei to join the task with, if this account isn't its validator yet. Without it the oracle doesn't join. */
    joinStakeWei?: bigint | undefined
    /** Secret from which the encryption key and the salts come; derived from the private key by default. */
    keySeed?: Hash | undefined
    /** Seconds that each validator in turn gets to make a keeper's call; 12 by default. */
    keeperStaggerSeconds?: number | undefined
    /**
     * ASSAY wei that this oracle may lose as bonds in this task: the bonds of its open cases and appeals and of those that it lost
     * count. By default 0: it opens no cases, and appeals none.
     */
    courtBudgetWei?: bigint | undefined
    /**
     * ASSAY wei of free stake to sit in the jury with; by default the least that a juror reserves, if the free stake covers it. 0: it
     * doesn't join, and leaves if it sits there.
     */
    jurorStakeWei?: bigint | undefined
  }

export const DEFAULT_KEEPER_STAGGER_SECONDS = 12
