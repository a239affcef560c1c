import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from '@assay/store/blob-store.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { openStore } from '@assay/store/open-store.ts'
import type { Receipt } from '@assay/store/receipt.ts'
import { openingKey, parseRecordKey } from '@assay/store/records.ts'
import { repeat } from '@assay/store/repeat.ts'
import { severalStores } from '@assay/store/several-stores.ts'
import { type StoreLocation, storeName } from '@assay/store/store-location.ts'
import type { LocalAccount } from 'viem'
import { messageOf } from './errors.ts'
import type { Logger } from './logging.ts'
import { openUploadLog, type UploadLog, type UploadRow } from './upload-log.ts'

export type UploadsOptions = {
  /** Folder of what waits for its upload, and of what was uploaded lately. */
  dir: string
  db: DatabaseSync
  locations: readonly StoreLocation[]
  /** Signs the uploads. */
  account: LocalAccount
  taskId: bigint
  log: Logger
  /** The longest that a round of the task may take. What it publishes is kept and offered that long, or longer. */
  roundSeconds: number
  /** Ends every read when it aborts, so that a store that hangs does not keep a daemon from stopping. */
  signal?: AbortSignal | undefined
  /** Milliseconds between two looks for what is too old to keep; an hour by default. */
  forgetEveryMs?: number
}

/** A daemon's stores. What it publishes never waits for a store, and no store for another one. */
export type Uploads = {
  /** Writes are on this disk when they return, and go to every store in the background. Any store is read from. */
  store: BlobStore
  /** Whether each store that answers, before the signal aborts, has a blob. */
  isEverywhere(hash: Hash, options?: ReadOptions): Promise<boolean>
  /** Sends a blob of this disk again to each store that says, before the signal aborts, that it has lost it. */
  restore(hash: Hash, options?: ReadOptions): Promise<void>
  /** Waits until each store was offered everything that was put before. */
  tried(): Promise<void>
  /** Stops. What has not gone out goes out at the next start. */
  close(): Promise<void>
}

type Outgoing = {
  log: Logger
  uploads: UploadLog
  local: FileStore
  /** Rows whose needs went out again. */
  resent: Set<number>
  isClosed: () => boolean
}
/** A store to send to, and the receipts that it gave since the last upload was noted as taken, by path. */
type Destination = { name: string; remote: BlobStore; receipts: Map<string, Receipt> }
/** One store's sender. */
type Sender = { name: string; remote: BlobStore; wake(): void; tried(): Promise<void>; ended: Promise<void> }

const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000
/**
 * Nobody asks for an update after its round; a store that comes back after days gets what is new. Evidence needs the
 * opening on this disk, so that stays for two rounds.
 */
const LEAST_OFFERED_SECONDS = 86_400
const FORGET_EVERY_MS = 3_600_000
/** Refusals that may end by themselves. */
const PASSING = ['unavailable', 'full', 'not-admitted']

export async function openUploads(options: UploadsOptions): Promise<Uploads> {
  const { dir, db, log, account, taskId, signal, forgetEveryMs = FORGET_EVERY_MS } = options
  const offeredSeconds = Math.max(LEAST_OFFERED_SECONDS, options.roundSeconds)
  const closing = new AbortController()
  const outgoing: Outgoing = {
    log,
    uploads: openUploadLog(db),
    local: await openFileStore({ dir: join(dir, 'outgoing'), maxBlobBytes: Number.MAX_SAFE_INTEGER }),
    resent: new Set(),
    isClosed: () => closing.signal.aborted,
  }
  const named = options.locations.map((location) => ({ name: storeName(location), location }))
  const readers = await Promise.all(
    named.map(async ({ name, location }) => ({ name, store: await openStore({ ...location, signal }) })),
  )
  const remotes = await Promise.all(
    named.map(async ({ name, location }) => {
      const receipts = new Map<string, Receipt>()
      const onReceipt = (receipt: Receipt) => void receipts.set(receipt.path, receipt)
      const sending = { account, taskId, onReceipt, retries: 0, signal: closing.signal }
      return { name, receipts, remote: await openStore({ ...location, ...sending }) }
    }),
  )
  // Nothing runs before all are open: if one can't be opened, a daemon opens all of them again.
  const stopForgetting = repeat(forgetEveryMs, () => forgetOld(outgoing, offeredSeconds))
  const senders = remotes.map((remote) => startSender(outgoing, remote))
  const add = (path: string) => {
    for (const { name } of senders) outgoing.uploads.add(path, name, nowSeconds())
    for (const { wake } of senders) wake()
  }
  return {
    store: localFirst(outgoing.local, severalStores(readers), add),
    isEverywhere: async (hash, options) => (await thoseWithout(senders, hash, options)).length === 0,
    restore: (hash, options) => restore(outgoing, senders, { hash, ...options }),
    tried: async () => void (await Promise.all(senders.map((sender) => sender.tried()))),
    close: async () => {
      closing.abort()
      for (const { wake } of senders) wake()
      await Promise.all([...senders.map(({ ended }) => ended), stopForgetting()])
    },
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000)
}

/** Gives up what waited too long, and removes what nobody asks for any more: else the disk fills up. */
async function forgetOld({ uploads, local, log, isClosed }: Outgoing, offeredSeconds: number): Promise<void> {
  if (isClosed()) return
  try {
    uploads.giveUpBefore(nowSeconds() - offeredSeconds)
    const oldest = nowSeconds() - 2 * offeredSeconds
    for await (const { path, seconds } of local.list()) {
      if (isClosed()) return
      if (seconds < oldest) await local.remove(path, oldest)
    }
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'old uploads could not be removed from this disk')
  }
}

// ---- reading and writing

/** Writes to this disk; reads from it first. @param add called once something is on this disk */
function localFirst(local: FileStore, remote: BlobStore, add: (path: string) => void): BlobStore {
  return {
    put: async (content) => {
      const hash = await local.put(content)
      add(`blobs/${hash}`)
      return hash
    },
    get: async (hash, limit) => (await ownBlob(local, hash, limit)) ?? remote.get(hash, limit),
    has: async (hash, options) => (await local.has(hash, options)) || remote.has(hash, options),
    putRecord: async (key, bytes) => {
      await local.putRecord(key, bytes)
      add(`records/${key}`)
    },
    getRecord: async (key, options) =>
      (await local.getRecord(key, options).catch(orElsewhere)) ?? remote.getRecord(key, options),
  }
}

async function ownBlob(local: FileStore, hash: Hash, limit: Parameters<BlobStore['get']>[1]) {
  return local.get(hash, limit).catch(orElsewhere)
}

function orElsewhere(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.code === 'bad-request') throw error
}

async function restore(
  { uploads, local }: Outgoing,
  senders: readonly Sender[],
  { hash, ...options }: { hash: Hash } & ReadOptions,
): Promise<void> {
  if (!(await local.has(hash, options))) return
  for (const { name, wake } of await thoseWithout(senders, hash, options)) {
    uploads.addAgain(`blobs/${hash}`, name, nowSeconds())
    wake()
  }
}

/** The stores that say that they don't have a blob. */
async function thoseWithout(
  senders: readonly Sender[],
  hash: Hash,
  options?: ReadOptions,
): Promise<Sender[]> {
  const has = await Promise.all(senders.map(({ remote }) => remote.has(hash, options).catch(() => true)))
  return senders.filter((_, i) => !has[i])
}

// ---- sending

/** Sends one store what waits for it, one thing at a time, until the daemon closes. */
function startSender(outgoing: Outgoing, to: Destination): Sender {
  const { name, remote } = to
  let bell = Promise.withResolvers<void>()
  let asked = 1
  let done = 0
  let waiters: { goal: number; resolve: () => void }[] = []
  const rest = (seen: number) => {
    done = seen
    for (const { goal, resolve } of waiters) if (goal <= done) resolve()
    waiters = waiters.filter(({ goal }) => goal > done)
  }
  const run = async () => {
    let told: string | undefined
    let backoffMs = FIRST_BACKOFF_MS
    while (!outgoing.isClosed()) {
      const seen = asked
      const failure = await sendAll(outgoing, to)
      if (failure !== undefined && failure !== told)
        outgoing.log.warn({ store: name, reason: failure }, 'an upload waits for the store')
      told = failure
      rest(seen)
      if (asked > seen || outgoing.isClosed()) continue
      await untilRung(bell.promise, failure === undefined ? undefined : backoffMs)
      backoffMs = failure === undefined ? FIRST_BACKOFF_MS : Math.min(2 * backoffMs, LONGEST_BACKOFF_MS)
      bell = Promise.withResolvers<void>()
    }
    rest(Number.POSITIVE_INFINITY)
  }
  return {
    name,
    remote,
    wake: () => {
      asked += 1
      bell.resolve()
    },
    tried: () => {
      if (done >= asked) return Promise.resolve()
      return new Promise<void>((resolve) => waiters.push({ goal: asked, resolve }))
    },
    ended: run(),
  }
}

async function untilRung(bell: Promise<void>, ms: number | undefined): Promise<void> {
  if (ms === undefined) return bell
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([bell, late])
  clearTimeout(timer)
}

/** Sends all that waits. @returns why it stopped before the end */
async function sendAll(outgoing: Outgoing, to: Destination): Promise<string | undefined> {
  for (;;) {
    const row = outgoing.isClosed() ? undefined : outgoing.uploads.next(to.name)
    if (row === undefined) return undefined
    try {
      await send(outgoing, row, to.remote)
      if (outgoing.isClosed()) return undefined
      outgoing.uploads.markTaken(row, to.receipts.get(row.path))
      to.receipts.clear()
    } catch (error) {
      const reason = await whatStops(outgoing, row, { ...to, error })
      if (outgoing.isClosed() || reason !== undefined) return reason
    }
  }
}

/** What to do about an upload that failed. @returns why the next one can't be tried now */
async function whatStops(
  outgoing: Outgoing,
  row: UploadRow,
  { error, ...to }: { name: string; remote: BlobStore; error: unknown },
): Promise<string | undefined> {
  if (outgoing.isClosed()) return undefined
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof StoreError && PASSING.includes(error.code)) return reason
  try {
    if ((await isResent(outgoing, row, to)) || outgoing.isClosed()) return undefined
  } catch (again) {
    return String(again)
  }
  outgoing.uploads.markRefused(row)
  outgoing.log.error({ store: to.name, upload: row.path, reason }, 'a store refuses an upload')
  return undefined
}

async function send({ local }: Outgoing, { path }: UploadRow, remote: BlobStore): Promise<void> {
  if (path.startsWith('blobs/')) {
    await remote.put(await local.source(path.slice('blobs/'.length) as Hash))
    return
  }
  const key = path.slice('records/'.length)
  const bytes = await local.getRecord(key)
  if (bytes === undefined) throw new Error(`${path} is no longer on this disk`)
  await remote.putRecord(key, bytes)
}

/**
 * Lets what a refused record needs go out first, if the store has lost it or never had it: the blob that it names, and
 * the opening of evidence. They may be of the hour before, which comes later. This happens once for each record.
 */
async function isResent(
  { uploads, local, resent }: Outgoing,
  { id, path, seconds }: UploadRow,
  { name, remote }: { name: string; remote: BlobStore },
): Promise<boolean> {
  const key = path.slice('records/'.length)
  const bytes = path === `records/${key}` && !resent.has(id) ? await local.getRecord(key) : undefined
  if (bytes === undefined) return false
  const parsed = parseRecordKey(key)
  const { updateHash, blob = updateHash } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
    string,
    Hash
  >
  const opening = parsed.kind === 'evidence' ? openingKey(parsed.commitment) : undefined
  const lost = [
    (await remote.has(blob!)) ? undefined : `blobs/${blob}`,
    opening === undefined || (await remote.getRecord(opening)) ? undefined : `records/${opening}`,
  ]
  // Only now: a store that did not say what it has lost is asked again.
  resent.add(id)
  return lost.filter((one) => one !== undefined && uploads.addAgain(one, name, seconds)).length > 0
}
