/** An oracle in a process of its own, as the command line runs it. Its parent sends the config. */
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import { runOracle } from '@assay/oracle/run-oracle.ts'

process.once('message', (config) => {
  runOracle({ config: config as OracleConfig }).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
