import type { DaemonConfig } from '@assay/daemon/run-daemon.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import { readTask, type TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { makeFolder } from '@assay/store/make-folder.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { type Command, Option } from 'commander'
import { CliError } from './failure.ts'
import { parseAmount } from './format.ts'
import { deploymentOf, type KeyOptions, privateKeyOf, readerOf, rpcUrlOf, withKey } from './options.ts'
import { requireSameTask } from './same-task.ts'
import { storesOf, withStore } from './store-options.ts'
import { wholeNumber } from './whole-number.ts'

const GWEI = { symbol: 'gwei', decimals: 9 }
/** More must be a mistake of the unit: at this fee a plain transfer costs 21 ETH. */
const MAX_FEE = { field: '--max-fee-gwei', most: 10n ** 15n }
const LARGEST_PORT = 65_535
/** The longest delay of a timer, in milliseconds. */
const LONGEST_POLL_MS = 2 ** 31 - 1

/** Options that both daemons share. */
export interface DaemonOptions extends KeyOptions, StoreOptions {
  dataDir: string
  package?: string
  force?: boolean
  logLevel: string
  metricsPort?: number
  pollMs?: number
  maxFeeGwei?: string
}

/** Adds the options of a daemon. */
export function withDaemon(command: Command): Command {
  withKey(command).requiredOption(
    '--data-dir <folder>',
    'folder of its database; each daemon and key needs its own',
  )
  return withStore(command, 'blob server of the task')
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .option('--force', "enter the task although this machine doesn't meet its phases")
    .addOption(
      new Option('--log-level <level>', 'how much to tell')
        .choices(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option(
      '--metrics-port <number>',
      'serve Prometheus metrics on 127.0.0.1',
      wholeNumber('--metrics-port', LARGEST_PORT),
    )
    .option(
      '--poll-ms <number>',
      "milliseconds between two checks for a new block (default: a quarter of the chain's block time, at most 2 s)",
      wholeNumber('--poll-ms', LONGEST_POLL_MS),
    )
    .option(
      '--max-fee-gwei <number>',
      'offer no more per gas, tip included, and wait while the base fee is higher (default: ten times base fee and tip)',
    )
}

/** The package that the options name, checked; undefined if they name none. @throws CliError when it can't be used */
export async function daemonPackage(options: DaemonOptions): Promise<TaskPackage | undefined> {
  if (options.package === undefined) return undefined
  // Loaded only here: the other verbs start faster without an engine.
  const { readPackage } = await import('./read-package.ts')
  return readPackage(options.package)
}

/**
 * The config of either daemon, from its options.
 *
 * @param found what `daemonPackage` returned
 * @throws CliError when options contradict each other, or can never work
 */
export async function daemonConfig(taskId: bigint, options: DaemonOptions, found?: TaskPackage) {
  const { dataDir, logLevel, metricsPort, pollMs, maxFeeGwei } = options
  const { storeUrl, storeDir } = options
  storesOf(options)
  const maxFeeWei = maxFeeGwei === undefined ? undefined : parseAmount(maxFeeGwei, GWEI, MAX_FEE)
  const task = await taskOf(taskId, options)
  if (task !== undefined && found !== undefined) {
    const fix = 'Give the package of this task, or leave --package away: the store has it.'
    requireSameTask(options.package, found, { ...task.params, taskId }, fix)
  }
  await makeFolder(dataDir)
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
  return { ...config, storeUrl, storeDir, packageDir: options.package, force: options.force }
}

/**
 * Reads the task before the daemon starts, because the daemon would try a task that doesn't exist for ever. If the node
 * doesn't answer, the result is undefined: the daemon waits for it.
 */
async function taskOf(taskId: bigint, options: DaemonOptions): Promise<TaskState | undefined> {
  try {
    return await readTask(await readerOf(options), { taskId })
  } catch (error) {
    if (error instanceof CliError) throw error
    const failure = decodeFailure(error)
    if (failure.kind !== 'transient') throw new AssayError(failure)
    return undefined
  }
}
