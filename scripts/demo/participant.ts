import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import {
  CONTRIBUTOR_BEHAVIOURS,
  type ContributorBehaviourName,
  VALIDATOR_BEHAVIOURS,
  type ValidatorBehaviourName,
} from '@assay/lab/behaviours/behaviours.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What the demo tells a participant's process to be. */
export type StartMessage = { type: 'start' } & (
  | {
      role: 'contributor'
      behaviour: ContributorBehaviourName
      config: ContributorConfig
      /** Seed of what a cheat makes up. */
      seed: Hash
      /** Folder through which a copying contributor gets its accomplice's update. */
      sharedDir: string
    }
  | { role: 'validator'; behaviour: ValidatorBehaviourName; config: OracleConfig }
)

/** One contributor or validator of the demo, in a process of its own: an ordinary daemon, with a behaviour when it cheats. */
async function participate(message: StartMessage): Promise<void> {
  // Each loads its own daemon only: that saves a third of the start.
  if (message.role === 'validator') {
    const { runOracle } = await import('@assay/oracle/run-oracle.ts')
    const { behaviour, config } = message
    await runOracle({ config, behaviour: VALIDATOR_BEHAVIOURS[behaviour]() })
  } else {
    const { runContributor } = await import('@assay/contributor/run-contributor.ts')
    const { behaviour, config, seed, sharedDir } = message
    await runContributor({ config, behaviour: CONTRIBUTOR_BEHAVIOURS[behaviour]({ seed, sharedDir }) })
  }
}

process.once('message', (message) => {
  participate(message as StartMessage).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
      process.exit(1)
    },
  )
})
process.send?.({ type: 'ready' })
