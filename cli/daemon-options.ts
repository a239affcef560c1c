import type { DaemonConfig } from '@assay/sdk/daemon/run-daemon.ts'
import { AssayError, decodeFailure } from '@assay/sdk/errors.ts'
import { readTask } from '@assay/sdk/verbs/read-task.ts'
import { type Command, Option } from 'commander'
import { CliError } from './failure.ts'
import { amountText, parseAmount } from './format.ts'
import { deploymentOf, type KeyOptions, privateKeyOf, readerOf, rpcUrlOf, withKey } from './options.ts'

const GWEI = { symbol: 'gwei', decimals: 9 }
/** More is a slip of the unit: a plain transfer would cost 21 ETH. */
const LARGEST_MAX_FEE_WEI = 10n ** 15n

/** Options that both daemons share. */
export interface DaemonOptions extends KeyOptions {
  dataDir: string
  storeUrl?: string
  storeDir?: string
  package?: string
  logLevel: string
  metricsPort?: number
  pollMs?: number
  maxFeeGwei?: string
}

/** Adds the options of a daemon. */
export function withDaemon(command: Command): Command {
  return withKey(command)
    .requiredOption('--data-dir <folder>', 'its database; one folder a daemon and key')
    .option('--store-url <url>', 'blob server of the task')
    .option('--store-dir <folder>', 'or a folder that everybody shares')
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .addOption(
      new Option('--log-level <level>', 'how much to tell')
        .choices(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option('--metrics-port <number>', 'serve Prometheus metrics on 127.0.0.1', wholeNumber)
    .option('--poll-ms <number>', 'milliseconds between two looks for a new block', wholeNumber)
    .option(
      '--max-fee-gwei <number>',
      'offer no more per gas, tip included, and wait while the base fee is higher (default: ten times base fee and tip)',
    )
}

/** What the options say, as both daemons' configuration. @throws CliError when they contradict each other */
export async function daemonConfig(taskId: bigint, options: DaemonOptions) {
  const { dataDir, storeUrl, storeDir, logLevel, metricsPort, pollMs, maxFeeGwei } = options
  if ((storeUrl === undefined) === (storeDir === undefined)) {
    throw new CliError(
      'usage',
      'Give exactly one of --store-url and --store-dir.',
      'assay store serves a folder as a URL.',
    )
  }
  const maxFeeWei = maxFeeGwei === undefined ? undefined : parseMaxFee(maxFeeGwei)
  await requireTask(taskId, options)
  const config: DaemonConfig = {
    rpcUrl: rpcUrlOf(options),
    deployment: deploymentOf(options),
    taskId,
    privateKey: await privateKeyOf(options),
    dataDir,
    logLevel,
    metricsPort,
    pollMs,
    maxFeeWei,
  }
  return { ...config, storeUrl, storeDir, packageDir: options.package }
}

/**
 * A daemon tries again whatever fails, also for a task that there is not: better said before it starts. A node that doesn't
 * answer is left to it, because it waits for one.
 */
async function requireTask(taskId: bigint, options: DaemonOptions): Promise<void> {
  try {
    await readTask(await readerOf(options), { taskId })
  } catch (error) {
    if (error instanceof CliError) throw error
    const failure = decodeFailure(error)
    if (failure.kind !== 'transient') throw new AssayError(failure)
  }
}

/** Reads a fee per gas. @throws CliError when it isn't one, or so high that it must be a mistake */
function parseMaxFee(gwei: string): bigint {
  const wei = parseAmount(gwei, GWEI)
  if (wei <= LARGEST_MAX_FEE_WEI) return wei
  throw new CliError(
    'usage',
    `A maximum fee of ${amountText(wei, GWEI)} per gas is above ${amountText(LARGEST_MAX_FEE_WEI, GWEI)}.`,
    'Give --max-fee-gwei in gwei, such as 50.',
  )
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CliError('usage', `"${text}" is not a whole number.`, 'Give digits only.')
}
