import { accessSync, constants } from 'node:fs'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { type DaemonOptions, daemonConfig, withDaemon } from '../daemon-options.ts'
import { CliError } from '../failure.ts'
import { ASSAY, parseAmount, parseTaskId } from '../format.ts'

/** `assay contribute <task>` */
export function addContribute(program: Command): void {
  const command = addVerb(program, {
    usage: 'contribute <task>',
    summary: "Run the contributor's daemon: train, commit, open, answer, claim, until interrupted.",
    details:
      'It can be killed at any moment and goes on from its data directory; nothing is posted twice. The log is JSON on stderr.',
    examples: [
      'assay contribute 1 --data my-digits.safetensors --data-dir ./me --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  withDaemon(command)
    .requiredOption('--data <file>', 'your samples: safetensors with x and y')
    .option('--stake <amount>', 'ASSAY to stake first when the free stake is too low to enrol')
    .option('--no-claim', 'leave earnings where they are (assay claim takes them out)')
    .action(
      async (task: string, options: DaemonOptions & { data: string; stake?: string; claim: boolean }) => {
        requireReadable(options.data)
        const config = await daemonConfig(parseTaskId(task), options)
        const stake = options.stake === undefined ? {} : { autoStakeWei: parseAmount(options.stake, ASSAY) }
        const claim = options.claim ? 'auto' : 'never'
        // Loaded when it is needed: the other verbs start faster without an engine.
        const { runContributor } = await import('@assay/contributor/run-contributor.ts')
        await runContributor({ config: { ...config, ...stake, dataFile: options.data, claim } })
      },
    )
}

/** The daemon reads its samples when it trains: a wrong path is better told of before. */
function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `The samples can't be read: ${reason}`, 'Check --data.')
  }
}
