import { flushCompileCache } from 'node:module'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { playContributor, playValidator } from '@assay/lab/behaviours/play.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** What the demo sends to a participant's process at its start. */
export type StartMessage = {
  type: 'start'
  /** `honest`, or the name of a simulated behaviour. */
  behaviour: string
  /** Seed of its behaviour. */
  seed: Hash
} & (
  | {
      role: 'contributor'
      config: ContributorConfig
      /** Whether it is honest itself, and helps somebody who behaves so. */
      isAccomplice: boolean
      /** Folder that the two share. */
      sharedDir: string
      /** The held-out pool, for those to whom it leaked. */
      poolFile: string
    }
  | { role: 'validator'; config: OracleConfig }
)

/** One contributor or validator of the demo, in a process of its own: an ordinary daemon, with a behaviour if it deviates. */
async function participate(message: StartMessage): Promise<void> {
  // Each process loads its own daemon only: that saves a third of the start.
  const { behaviour: name, seed } = message
  if (message.role === 'validator') {
    const { runOracle } = await import('@assay/oracle/run-oracle.ts')
    sayLoaded()
    await runOracle({ config: message.config, behaviour: playValidator({ name, seed }) })
  } else {
    const { runContributor } = await import('@assay/contributor/run-contributor.ts')
    sayLoaded()
    const { config, sharedDir, poolFile, isAccomplice } = message
    const behaviour = playContributor({ name, seed, sharedDir, poolFile, isAccomplice })
    await runContributor({ config, behaviour })
  }
}

/** Keeps what was compiled for those that start later, and says so. */
function sayLoaded(): void {
  flushCompileCache()
  process.send?.({ type: 'loaded' })
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
