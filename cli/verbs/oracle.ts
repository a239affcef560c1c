import { ASSAY } from '@assay/sdk/client/amounts.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { type DaemonOptions, daemonConfig, daemonPackage, withDaemon } from '../daemon-options.ts'
import { parseAmount, parseTaskId } from '../format.ts'

/** `assay oracle <task>` */
export function addOracle(program: Command): void {
  const command = addVerb(program, {
    usage: 'oracle <task>',
    summary: "Run a validator's oracle: verify, score, vote, until interrupted.",
    details:
      'It can be killed at any time and continues from its data directory; nothing is posted twice. The log is JSON on stderr.',
    examples: ['assay oracle 1 --data-dir ./validator --store-url http://127.0.0.1:8080 --keystore me.json'],
  })
  withDaemon(command)
    .option('--join <amount>', 'ASSAY of free stake to join the validators with, unless the account is one')
    .action(async (task: string, options: DaemonOptions & { join?: string }) => {
      const config = await daemonConfig(parseTaskId(task), options, await daemonPackage(options))
      const join =
        options.join === undefined
          ? {}
          : { joinStakeWei: parseAmount(options.join, ASSAY, { field: '--join' }) }
      // Loaded only here: the other verbs start faster without an engine.
      const { runOracle } = await import('@assay/oracle/run-oracle.ts')
      await runOracle({ config: { ...config, ...join } })
    })
}
