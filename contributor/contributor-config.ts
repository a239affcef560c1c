import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { WorkbenchConfig } from '@assay/daemon/workbench.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What a contributor's daemon needs to know. Everything else it reads from the chain. */
export type ContributorConfig = DaemonConfig &
  WorkbenchConfig & {
    /** The contributor's own samples: a safetensors file with `x` and `y` as the task's package defines them. It never leaves this machine as a whole. */
    dataFile: string
    /** ASSAY wei to stake when the account's free stake doesn't cover enrolment; without it, staking is left to its owner. */
    autoStakeWei?: bigint | undefined
    /** Secret from which salts and the data root's salts come; derived from the private key by default. */
    keySeed?: Hash | undefined
    /** `auto` claims earnings as they mature, `never` leaves them to their owner; `auto` by default. */
    claim?: 'auto' | 'never' | undefined
    /** Reward wei below which claiming isn't worth its gas; 1 by default. */
    claimMinimumWei?: bigint | undefined
  }
