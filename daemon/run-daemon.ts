import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type AssayReader, connectReader, isLocalChain } from '@assay/sdk/client/clients.ts'
import type { Deployment } from '@assay/sdk/client/deployment.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Hex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { noteOwnChain, requireOwnChain } from './chain-identity.ts'
import { type Block, runClock } from './clock.ts'
import { type Control, embedded, ownProcess } from './control.ts'
import { openDaemonDatabase, remember } from './database.ts'
import { pendingDuties } from './duty-log.ts'
import { FatalDaemonError } from './errors.ts'
import { reportIdle } from './idle.ts'
import { openLogKeeper } from './log-keeper.ts'
import { createLogger, type Logger } from './logging.ts'
import type { MetricsPage } from './metrics.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { fixedPace, openPace } from './pace.ts'
import { type Rival, type RivalWatch, rivalError } from './rival.ts'

export type DaemonConfig = StoreOptions & {
  rpcUrl: string
  deployment: Deployment
  taskId: bigint
  privateKey: Hex
  /** Directory of `daemon.sqlite`. Each daemon needs its own. */
  dataDir: string
  /** Milliseconds between two looks at the head; by default a quarter of the chain's block time, see `pace.ts`. */
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
  tally: Tally
}

/** What the metrics page tells of a daemon's work. */
export type Tally = {
  /** Open cases against a contributor, or that an oracle has opened. */
  openCases: number
}

/** What either daemon is started with. */
export type StartOptions<Config extends DaemonConfig, Behaviour> = {
  config: Config
  /** How the daemon deviates from an honest one; for simulations. */
  behaviour?: Behaviour | undefined
  /** Stops the daemon. Without it, SIGTERM, SIGINT and messages of the parent process do. */
  signal?: AbortSignal | undefined
  /** With a signal: an event `block` makes the daemon look at the head at once, as a parent's message `poll` does. */
  newBlocks?: EventTarget | undefined
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
  /**
   * Does everything due at a block. It must be repeatable: if it throws, it is called again.
   *
   * @param isYielding another daemon with this key was there first: only what `owes` speaks of may still be done
   */
  tick: (context: Context, block: Block, isYielding: boolean) => Promise<void>
  /** Whether something is due that only this daemon can finish, before it ends for another one with its key. */
  owes?: (context: Context, block: Block) => Promise<boolean>
  /** Waits until what ticks started in the background has been tried. The daemon counts as idle only then. */
  tried?: (context: Context) => Promise<void>
  /** Releases what `open` acquired. */
  close?: (context: Context) => Promise<void>
}

/**
 * Runs a daemon until its signal aborts. It opens and locks its database and sends what an earlier run left unsent. At
 * every block it then looks after its transactions, does its duties, and reports that it is idle.
 *
 * @throws FatalDaemonError when a retry can't help: a database of another chain or key, one that is in use, a task that
 * doesn't exist, another daemon with the same key that started earlier
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
  const control = options.signal === undefined ? ownProcess(log) : embedded(options.signal, options.newBlocks)
  const tally: Tally = { openCases: 0 }
  let page: MetricsPage | undefined
  try {
    bindDatabase(db, { deployment: config.deployment, account, role })
    // Before the node is asked for anything: it may not be there.
    page = await openMetrics(options, { db, tally })
    const connected = await untilReachable(() => connectReader(config), control, log)
    if (connected === undefined) return
    const reader = { ...connected, logs: openLogKeeper(db, connected.chain) }
    const outbox = openOutbox({ ...config, db, reader, account, log })
    const { signal } = control
    const daemon = { role, config, db, reader, account, outbox, log, signal, tally }
    await follow(options, daemon, { control, page })
  } finally {
    await page?.close()
    control.release()
    db.close()
  }
}

async function openMetrics(
  { config, role }: { config: DaemonConfig; role: string },
  { db, tally }: { db: DatabaseSync; tally: Tally },
): Promise<MetricsPage | undefined> {
  const { metricsPort: port } = config
  if (port === undefined) return undefined
  const { startMetrics } = await import('./metrics.ts')
  const counts = { pendingCount: () => pendingDuties(db).length, openCases: () => tally.openCases }
  return startMetrics({ port, role, ...counts })
}

async function follow<Config extends DaemonConfig, Context>(
  options: DaemonOptions<Config, Context>,
  daemon: DaemonContext<Config>,
  { control, page }: { control: Control; page: MetricsPage | undefined },
): Promise<void> {
  const { log, config, reader } = daemon
  const { pollMs } = config
  const rivals = daemon.outbox.watchRivals(config.taskId)
  const life: Life<Context> = { opened: undefined, page, rivals, rival: undefined }
  log.info({ rpc: new URL(config.rpcUrl).host }, 'started')
  try {
    await runClock({
      chain: reader.chain,
      pace: pollMs === undefined ? openPace(isLocalChain(reader.deployment.chainId)) : fixedPace(pollMs),
      signal: control.signal,
      log,
      untilPoked: control.untilPoked,
      onAttempt: page?.attempted,
      onBlock: (block) => doBlock(options, daemon, life, block),
    })
  } finally {
    if (life.opened !== undefined) await options.close?.(life.opened.context)
    log.info('stopped')
  }
}

type Life<Context> = {
  opened: { context: Context } | undefined
  page: MetricsPage | undefined
  rivals: RivalWatch
  rival: Rival | undefined
}

async function doBlock<Config extends DaemonConfig, Context>(
  options: DaemonOptions<Config, Context>,
  daemon: DaemonContext<Config>,
  life: Life<Context>,
  block: Block,
): Promise<void> {
  const { outbox, log } = daemon
  const chain = { ...daemon, dataDir: daemon.config.dataDir }
  // Nothing is sent before it is clear that this is still the chain that it was signed for.
  if (life.opened === undefined || block.reorganised) await requireOwnChain(chain, block)
  if (life.opened === undefined) {
    await outbox.recover(block)
    life.opened = { context: await options.open(daemon) }
  }
  await outbox.update(block)
  life.rival ??= await life.rivals.look(block)
  if (life.rival !== undefined && !(await options.owes?.(life.opened.context, block)))
    throw rivalError({ account: daemon.account.address, taskId: daemon.config.taskId }, life.rival)
  await options.tick(life.opened.context, block, life.rival !== undefined)
  await noteOwnChain(chain, block)
  life.page?.finished(block)
  // The next block doesn't wait for what goes on in the background.
  void Promise.resolve(options.tried?.(life.opened.context)).then(() => {
    if (daemon.signal.aborted) return
    if (options.signal === undefined) reportIdle(block.number, log)
    options.onIdle?.(block.number)
  })
}

/**
 * A database belongs to one role, chain, deployment and key. Duties of another one would mean nothing here.
 * `requireOwnChain` adds the chain's own blocks, once a node answers.
 */
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
      const failure = decodeFailure(error)
      if (failure.kind !== 'transient') throw error
      log.warn({ attempt, reason: failure.message }, 'the node does not answer, trying again')
      await control.untilPoked(Math.min(100 * 2 ** attempt, 5_000))
    }
  }
  return undefined
}
