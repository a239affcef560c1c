import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { WorkbenchConfig } from '@assay/daemon/workbench.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { TrainerConfig } from './trainer.ts'

/** What a contributor's daemon needs to know. Everything else it reads from the chain. */
export type ContributorConfig = DaemonConfig &
  WorkbenchConfig & {
    /**
     * The contributor's own samples: a safetensors file with `x` and `y` as the task package defines them. The file
     * itself never leaves this machine; only batches of drawn windows do.
     */
    dataFile: string
    /** What trains; the task's own engine by default, and in exact tasks always. */
    trainer?: TrainerConfig | undefined
    /** ASSAY wei to stake if the free stake doesn't cover enrolment. Without it the daemon never stakes. */
    autoStakeWei?: bigint | undefined
    /** Secret that all salts come from; derived from the private key by default. */
    keySeed?: Hash | undefined
    /** `auto` claims earnings as they mature, `never` claims nothing; `auto` by default. */
    claim?: 'auto' | 'never' | undefined
    /** Smallest amount to claim, in reward wei, so that it is worth its gas; 1 by default. */
    claimMinimumWei?: bigint | undefined
    /**
     * ASSAY wei that may be lost as bonds of appeals against wrong convictions in this task; by default 0: none is appealed.
     */
    courtBudgetWei?: bigint | undefined
  }
