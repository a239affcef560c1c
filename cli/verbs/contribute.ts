import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { ASSAY } from '@assay/sdk/client/amounts.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseCourtBudget } from '../court-budget.ts'
import { type DaemonOptions, daemonConfig, daemonPackage, withDaemon } from '../daemon-options.ts'
import { CliError } from '../failure.ts'
import { parseAmount, parseTaskId } from '../format.ts'
import { type TrainerOptions, trainerOf, withTrainer } from '../trainer-options.ts'

/** `assay contribute <task>` */
export function addContribute(program: Command): void {
  const command = addVerb(program, {
    usage: 'contribute <task>',
    summary: "Run the contributor's daemon: train, commit, open, answer, claim, until interrupted.",
    details:
      'It can be killed at any time and continues from its data directory; nothing is posted twice. It waits for what may come, and ends with code 1 and the fix when nothing can: the task is over, the stake is missing, the chain is another one, or another daemon has the same key. Accused in court, it says so loudly, answers for a withheld opening, gives a window that is asked for to its readers, and trains a disputed window again; a conviction that this contradicts it appeals only within --court-budget. The log is JSON on stderr.',
    examples: [
      'assay contribute 1 --data my-digits.safetensors --data-dir ./me --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  withTrainer(withDaemon(command))
    .requiredOption(
      '--data <path>',
      'your samples: a data file, or your own files as assay data prepare reads them',
    )
    .option('--stake <amount>', 'ASSAY to stake first when the free stake is too low to enrol')
    .option('--no-claim', 'do not claim earnings (assay claim does it)')
    .option(
      '--court-budget <amount>',
      'ASSAY of your wallet to appeal a wrong conviction with: the most that it may lose as bonds in the task',
      '0',
    )
    .action(
      async (
        task: string,
        options: DaemonOptions &
          TrainerOptions & { data: string; stake?: string; claim: boolean; courtBudget: string },
      ) => {
        const found = await daemonPackage(options)
        await requireSamples(options.data, found)
        const config = await daemonConfig(parseTaskId(task), options, found)
        const stake =
          options.stake === undefined
            ? {}
            : { autoStakeWei: parseAmount(options.stake, ASSAY, { field: '--stake' }) }
        const claim = options.claim ? 'auto' : 'never'
        const courtBudgetWei = parseCourtBudget(options.courtBudget)
        const trainer = trainerOf(options)
        // Loaded only here: the other verbs start faster without an engine.
        const { runContributor } = await import('@assay/contributor/run-contributor.ts')
        await runContributor({
          config: { ...config, ...stake, dataFile: options.data, claim, courtBudgetWei, trainer },
        })
      },
    )
}

/**
 * Checks the samples before the daemon starts, which reads them only when it enrols or trains. Without the package it
 * checks only what samples of all tasks have in common.
 */
async function requireSamples(file: string, task: TaskPackage | undefined): Promise<void> {
  // Loaded only here: the other verbs start faster without an engine.
  const { readSamples, sampleBytesOf } = await import('../read-package.ts')
  const { isRaw } = await import('@assay/engine/node/raw-samples.ts')
  if (task !== undefined) {
    await readSamples(file, task)
    return
  }
  if (await isRaw(file)) return
  const bytes = sampleBytesOf(file)
  const { DEFAULT_DATA_LIMITS } = await import('@assay/engine/package/data.ts')
  const { readSafetensors } = await import('@assay/engine/package/safetensors.ts')
  try {
    readSafetensors(bytes, { maxBytes: DEFAULT_DATA_LIMITS.maxBytes, maxTensors: 2 })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      `The samples of ${file} can't be used: ${reason}.`,
      'Give --data a safetensors file with x and y.',
    )
  }
}
