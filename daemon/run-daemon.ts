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
  /** Directory of `daemon.sqlite`; one daemon, one directory. */
  dataDir: string
  /** Milliseconds between two looks at the head; 50 by default. */
  pollMs?: number | undefined
  logLevel?: string | undefined
  /** Tip per gas of a first signature, see `OutboxOptions`; 1 gwei by default. */
  priorityFeeWei?: bigint | undefined
  /** No transaction offers more per gas, see `OutboxOptions`. */
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

/** How a daemon is started, whichever it is. */
export type StartOptions<Config extends DaemonConfig, Behaviour> = {
  config: Config
  /** Deviates from what an honest daemon does; for simulations. */
  behaviour?: Behaviour | undefined
  /** Given: the caller owns the process. Absent: SIGTERM, SIGINT and the parent's messages stop the daemon. */
  signal?: AbortSignal | undefined
  /** Called when all that was due at a block is done and sent. */
  onIdle?: ((blockNumber: bigint) => void) | undefined
}

export type DaemonOptions<Config extends DaemonConfig, Context> = Omit<
  StartOptions<Config, never>,
  'behaviour'
> & {
  role: 'oracle' | 'contributor'
  /** The caller's own tables, see `openDaemonDatabase`. */
  migrations: readonly string[]
  /** Makes what `tick` works with, at the first block. It is called again with the next block when it throws. */
  open: (daemon: DaemonContext<Config>) => Promise<Context>
  /** Does all that is due at a block. Must be repeatable: it is called again with the same block when it throws. */
  tick: (context: Context, block: Block) => Promise<void>
  /** Gives back what `open` took. */
  close?: (context: Context) => Promise<void>
}

/**
 * Runs a daemon until its signal aborts: opens and locks its database, sends what a former life left unsent, then at every block
 * first looks after its transactions, then does its duties, then says that it is idle.
 *
 * @throws FatalDaemonError for what no retry mends: a database of another chain or key, a database in use
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
  const life = options.signal === undefined ? ownProcess(log) : embedded(options.signal)
  try {
    bindDatabase(db, { deployment: config.deployment, account, role })
    const reader = await untilReachable(() => connectReader(config), life, log)
    if (reader === undefined) return
    const outbox = openOutbox({ ...config, db, reader, account, log })
    const { signal } = life
    await live(options, { role, config, db, reader, account, outbox, log, signal }, life)
  } finally {
    life.release()
    db.close()
  }
}

async function live<Config extends DaemonConfig, Context>(
  options: DaemonOptions<Config, Context>,
  daemon: DaemonContext<Config>,
  life: Life,
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
      signal: life.signal,
      log,
      untilPoked: life.untilPoked,
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

/** A database belongs to one chain, one deployment and one key: another one's duties would mean nothing here. */
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
  life: Life,
  log: Logger,
): Promise<AssayReader | undefined> {
  for (let attempt = 1; !life.signal.aborted; attempt++) {
    try {
      return await connect()
    } catch (error) {
      const { decodeFailure } = await import('@assay/sdk/client/errors.ts')
      const failure = decodeFailure(error)
      if (failure.kind !== 'transient') throw error
      log.warn({ attempt, reason: failure.message }, 'the node does not answer, trying again')
      await life.untilPoked(Math.min(100 * 2 ** attempt, 5_000))
    }
  }
  return undefined
}

type Life = { signal: AbortSignal; untilPoked: (ms: number) => Promise<void>; release: () => void }

function embedded(signal: AbortSignal): Life {
  return { signal, untilPoked: poker(signal).untilPoked, release: () => undefined }
}

/** Listens to the process's signals and to its parent, which may say `poll` (there is a new block) or `stop`. */
function ownProcess(log: Logger): Life {
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
    log.fatal({ error }, 'an error that nobody handled; restart the daemon, it goes on from its database')
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
