import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type AssayReader, connectReader } from '@assay/sdk/client/clients.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type Block, runClock } from './clock.ts'
import { openDaemonDatabase, remember } from './database.ts'
import { FatalDaemonError } from './errors.ts'
import { reportIdle } from './idle.ts'
import { createLogger, type Logger } from './logging.ts'
import { type Outbox, openOutbox } from './outbox.ts'

export type DaemonConfig = StoreOptions & {
  rpcUrl: string
  deployment: Deployment
  taskId: bigint
  privateKey: Hex
  /** Directory of `daemon.sqlite`. Each daemon needs its own. */
  dataDir: string
  /** Milliseconds between two looks at the head; 50 by default. */
  pollMs?: number | undefined
  logLevel?: string | undefined
  /** Tip per gas of a duty's first transaction, see `OutboxOptions`; 1 gwei by default. */
  priorityFeeWei?: bigint | undefined
  /** The most to offer per gas, see `OutboxOptions`. */
  maxFeeWei?: bigint | undefined
  /** Blocks that a transaction waits before its fee is raised; 10 by default. */
  resendAfterBlocks?: number | undefined
  /** Port of the metrics page on 127.0.0.1; none by default. */
  metricsPort?: number | undefined
}

/** What every part of a running daemon works with. The chain is behind `reader` and `outbox`. */
export type DaemonContext<Config extends DaemonConfig = DaemonConfig> = {
  role: string
  config: Config
  db: DatabaseSync
  reader: AssayReader
  account: PrivateKeyAccount
  outbox: Outbox
  log: Logger
  signal: AbortSignal
}

/** What either daemon is started with. */
export type StartOptions<Config extends DaemonConfig, Behaviour> = {
  config: Config
  /** How the daemon deviates from an honest one; for simulations. */
  behaviour?: Behaviour | undefined
  /** Stops the daemon. Without it, SIGTERM, SIGINT and messages of the parent process do. */
  signal?: AbortSignal | undefined
  /** Called when everything due at a block is done and sent. */
  onIdle?: ((blockNumber: bigint) => void) | undefined
}

export type DaemonOptions<Config extends DaemonConfig, Context> = Omit<
  StartOptions<Config, never>,
  'behaviour'
> & {
  role: 'oracle' | 'contributor'
  /** The caller's own tables, see `openDaemonDatabase`. */
  migrations: readonly string[]
  /** Makes the context that `tick` works with, at the first block. If it throws, it is called again. */
  open: (daemon: DaemonContext<Config>) => Promise<Context>
  /** Does everything due at a block. It must be repeatable: if it throws, it is called again. */
  tick: (context: Context, block: Block) => Promise<void>
  /** Releases what `open` acquired. */
  close?: (context: Context) => Promise<void>
}

/**
 * Runs a daemon until its signal aborts. It opens and locks its database and sends what an earlier run left unsent. At
 * every block it then looks after its transactions, does its duties, and reports that it is idle.
 *
 * @throws FatalDaemonError when a retry can't help: a database of another chain or key, or one that is in use
 */
export async function runDaemon<Config extends DaemonConfig, Context>(
  options: DaemonOptions<Config, Context>,
): Promise<void> {
  const { config, role } = options
  const account = privateKeyToAccount(config.privateKey)
  const log = createLogger({
    role,
    level: config.logLevel ?? 'info',
    bindings: { account: account.address, task: Number(config.taskId) },
  })
  const db = openDaemonDatabase(join(config.dataDir, 'daemon.sqlite'), options.migrations)
  const control = options.signal === undefined ? ownProcess(log) : embedded(options.signal)
  try {
    bindDatabase(db, { deployment: config.deployment, account, role })
    const reader = await untilReachable(() => connectReader(config), control, log)
    if (reader === undefined) return
    const outbox = openOutbox({ ...config, db, reader, account, log })
    const { signal } = control
    await follow(options, { role, config, db, reader, account, outbox, log, signal }, control)
  } finally {
    control.release()
    db.close()
  }
}

async function follow<Config extends DaemonConfig, Context>(
  options: DaemonOptions<Config, Context>,
  daemon: DaemonContext<Config>,
  control: Control,
): Promise<void> {
  const { log, outbox, config } = daemon
  const metrics = config.metricsPort === undefined ? undefined : await import('./metrics.ts')
  const page = await metrics?.startMetrics({ port: config.metricsPort ?? 0, role: daemon.role, outbox })
  let opened: { context: Context } | undefined
  log.info({ rpc: new URL(config.rpcUrl).host }, 'started')
  try {
    await runClock({
      chain: daemon.reader.chain,
      pollMs: config.pollMs ?? 50,
      signal: control.signal,
      log,
      untilPoked: control.untilPoked,
      onBlock: async (block) => {
        if (opened === undefined) {
          await outbox.recover()
          opened = { context: await options.open(daemon) }
        }
        await outbox.update(block)
        await options.tick(opened.context, block)
        page?.finished(block)
        if (options.signal === undefined) reportIdle(block.number, log)
        options.onIdle?.(block.number)
      },
    })
  } finally {
    if (opened !== undefined) await options.close?.(opened.context)
    await page?.close()
    log.info('stopped')
  }
}

/** A database belongs to one role, chain, deployment and key. Duties of another one would mean nothing here. */
function bindDatabase(
  db: DatabaseSync,
  { deployment, account, role }: { deployment: Deployment; account: PrivateKeyAccount; role: string },
): void {
  const identity = [
    role,
    deployment.chainId,
    deployment.contracts.rounds.toLowerCase(),
    account.address,
  ].join(' ')
  const stored = remember(db, 'identity', identity)
  if (stored !== identity)
    throw new FatalDaemonError(
      `This data directory belongs to "${stored}", not to "${identity}". Name another directory, or the key and deployment that it was made with.`,
    )
}

async function untilReachable(
  connect: () => Promise<AssayReader>,
  control: Control,
  log: Logger,
): Promise<AssayReader | undefined> {
  for (let attempt = 1; !control.signal.aborted; attempt++) {
    try {
      return await connect()
    } catch (error) {
      const { decodeFailure } = await import('@assay/sdk/client/errors.ts')
      const failure = decodeFailure(error)
      if (failure.kind !== 'transient') throw error
      log.warn({ attempt, reason: failure.message }, 'the node does not answer, trying again')
      await control.untilPoked(Math.min(100 * 2 ** attempt, 5_000))
    }
  }
  return undefined
}

type Control = { signal: AbortSignal; untilPoked: (ms: number) => Promise<void>; release: () => void }

function embedded(signal: AbortSignal): Control {
  return { signal, untilPoked: poker(signal).untilPoked, release: () => undefined }
}

/** Listens to the process's signals and to its parent, which may send `poll` (there is a new block) or `stop`. */
function ownProcess(log: Logger): Control {
  const controller = new AbortController()
  const { untilPoked, poke } = poker(controller.signal)
  const stop = () => controller.abort()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130)
    stop()
  }
  const listen = (message: unknown) => {
    const type = (message as { type?: unknown } | null)?.type
    if (type === 'poll') poke()
    else if (type === 'stop') stop()
  }
  const crash = (error: unknown) => {
    log.fatal({ error }, 'unhandled error; restart the daemon, it continues from its database')
    process.exit(75)
  }
  const listeners: [string, (argument: unknown) => void][] = [
    ['SIGTERM', stop],
    ['SIGINT', interrupt],
    ['message', listen],
    ['disconnect', stop],
    ['uncaughtException', crash],
    ['unhandledRejection', crash],
  ]
  for (const [event, listener] of listeners) process.on(event, listener)
  const release = () => {
    for (const [event, listener] of listeners) process.off(event, listener)
  }
  return { signal: controller.signal, untilPoked, release }
}

function poker(signal: AbortSignal) {
  let wake: (() => void) | undefined
  let poked = false
  const poke = () => {
    poked = true
    wake?.()
  }
  signal.addEventListener('abort', poke, { once: true })
  const untilPoked = (ms: number) =>
    new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        wake = undefined
        poked = false
        resolve()
      }
      const timer = setTimeout(finish, ms)
      wake = finish
      if (poked) finish()
    })
  return { poke, untilPoked }
}
