/** A contributor in a process of its own, as the command line runs it. Its parent sends the config. */
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { runContributor } from '@assay/contributor/run-contributor.ts'

process.once('message', (config) => {
  runContributor({ config: config as ContributorConfig }).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
