import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type BlobStore,
  DEFAULT_MAX_BLOB_BYTES,
  DEFAULT_MAX_TOTAL_BYTES,
  type Hash,
  MAX_RECORD_BYTES,
  type ReadOptions,
  requireHash,
  StoreError,
} from './blob-store.ts'
import { collectBlob, tooLarge } from './collect.ts'
import { crashPoint, crashPointArmed } from './crash-point.ts'
import { untilAborted } from './deadline.ts'
import { asDiskError } from './disk-error.ts'
import { makeFolder } from './make-folder.ts'
import { checkRecord } from './record-check.ts'
import { openingKey, parseRecordKey } from './records.ts'
import { hashOf, startHash } from './sha256.ts'

/** A store in a folder, with what a server needs besides. */
export type FileStore = BlobStore & {
  /**
   * Keeps a blob that arrives in pieces, with memory for one piece.
   *
   * @throws StoreError 'blob-too-large' as soon as it is, 'blob-corrupt' when it ends with another hash than `expected`
   */
  putStream(
    chunks: AsyncIterable<Uint8Array>,
    options?: { expected?: Hash; maxBytes?: number },
  ): Promise<Hash>
  /** Length and content of a blob, unchecked: the reader hashes. @throws StoreError 'blob-missing', 'blob-corrupt' or 'unavailable' */
  openBlob(hash: Hash): Promise<{ bytes: number; stream: Readable }>
}

export type FileStoreOptions = {
  /** Folder that is made when it isn't there. Several processes may share it. */
  dir: string
  /** Largest blob in bytes. */
  maxBlobBytes?: number
  /** Largest sum of all files in bytes, as counted by this process since it opened the folder. */
  maxTotalBytes?: number
}

type Folder = Required<FileStoreOptions> & { usedBytes: number }

/**
 * Opens a store in a folder. A write goes to a file of its own, is synced, then renamed: a process killed meanwhile leaves no
 * half blob, only a temporary file, which is removed here once its writer is gone.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const folder: Folder = {
    dir: options.dir,
    maxBlobBytes: options.maxBlobBytes ?? DEFAULT_MAX_BLOB_BYTES,
    maxTotalBytes: options.maxTotalBytes ?? DEFAULT_MAX_TOTAL_BYTES,
    usedBytes: 0,
  }
  await makeFolder(incomingOf(folder))
  await removeAbandoned(incomingOf(folder))
  folder.usedBytes = await bytesUnder(folder.dir)
  return {
    put: (bytes) => writing(folder, () => putStream(folder, pieces(bytes), { expected: hashOf(bytes) })),
    putStream: (chunks, putOptions = {}) => writing(folder, () => putStream(folder, chunks, putOptions)),
    get: (hash, limit) => reading(folder, limit, () => getBlob(folder, hash, limit)),
    has: (hash, options) => reading(folder, options, () => hasBlob(folder, hash)),
    openBlob: (hash) => reading(folder, {}, () => openBlob(folder, hash)),
    putRecord: (key, bytes) => writing(folder, () => putRecord(folder, key, bytes)),
    getRecord: (key, options) => reading(folder, options, () => getRecord(folder, key, options)),
  }
}

async function reading<T>({ dir }: Folder, { signal }: ReadOptions = {}, work: () => Promise<T>): Promise<T> {
  return untilAborted(signal, work).catch((error) => {
    throw asDiskError(error, { dir, doing: 'read' })
  })
}

async function writing<T>({ dir }: Folder, work: () => Promise<T>): Promise<T> {
  return work().catch((error) => {
    throw asDiskError(error, { dir, doing: 'write' })
  })
}

// ---- blobs

async function putStream(
  folder: Folder,
  chunks: AsyncIterable<Uint8Array>,
  { expected, maxBytes = folder.maxBlobBytes }: { expected?: Hash; maxBytes?: number },
): Promise<Hash> {
  const limit = Math.min(maxBytes, folder.maxBlobBytes)
  const digest = startHash()
  let hash: Hash | undefined
  const length = await writeWhole(
    folder,
    async function* () {
      let length = 0
      for await (const chunk of chunks) {
        length += chunk.length
        if (length > limit) throw tooLarge(expected ?? 'without a name', length, limit)
        digest.update(chunk)
        yield chunk
      }
    },
    async (temporary, length) => {
      hash = digest.end()
      if (expected && hash !== requireHash(expected)) {
        throw new StoreError(
          'blob-corrupt',
          `${length} bytes came as blob ${expected}, but their hash is ${hash}. Send them again.`,
        )
      }
      const path = blobPath(folder, hash)
      if ((await sizeOf(path)) === length) return false
      await renameInto(temporary, path)
      return true
    },
  )
  folder.usedBytes += length
  return hash!
}

async function getBlob(
  folder: Folder,
  hash: Hash,
  { maxBytes, signal }: { maxBytes: number } & ReadOptions,
): Promise<Uint8Array> {
  const { bytes, stream } = await openBlob(folder, hash, { signal })
  if (bytes > maxBytes) {
    stream.destroy()
    throw tooLarge(hash, bytes, maxBytes)
  }
  return collectBlob(hash, stream, maxBytes).catch((error) => setAsideCorrupt(folder, hash, error))
}

async function openBlob(
  folder: Folder,
  hash: Hash,
  { signal }: ReadOptions = {},
): Promise<{ bytes: number; stream: Readable }> {
  const path = blobPath(folder, requireHash(hash))
  const bytes = await sizeOf(path)
  if (bytes === undefined) throw await absenceOf(folder, hash)
  return { bytes, stream: createReadStream(path, { highWaterMark: 1 << 18, signal }) }
}

async function hasBlob(folder: Folder, hash: Hash): Promise<boolean> {
  if ((await sizeOf(blobPath(folder, requireHash(hash)))) !== undefined) return true
  await requireFolder(folder)
  return false
}

/** A blob that went bad was put once: that must not look as if its owner had kept it back. */
async function absenceOf(folder: Folder, hash: Hash): Promise<StoreError> {
  await requireFolder(folder)
  if ((await sizeOf(corruptPath(folder, hash))) !== undefined) {
    return new StoreError(
      'blob-corrupt',
      `blob ${hash} went bad on this store's disk and was set aside. Put it again.`,
    )
  }
  return new StoreError(
    'blob-missing',
    `blob ${hash} is not in this store: its owner has not put it, or put it elsewhere.`,
  )
}

/** A file whose content no longer fits its name is moved out of the way, so that the blob can be put again. */
async function setAsideCorrupt(folder: Folder, hash: Hash, error: unknown): Promise<never> {
  if (error instanceof StoreError && error.code === 'blob-corrupt') {
    // The disk may be read-only, and another reader faster: the blob is bad all the same.
    await renameInto(blobPath(folder, hash), corruptPath(folder, hash)).catch(() => undefined)
  }
  throw error
}

// ---- records

async function putRecord(folder: Folder, key: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MAX_RECORD_BYTES) throw recordTooLarge(key, bytes.length)
  await checkRecord(key, bytes, (commitment) => getRecord(folder, openingKey(commitment)))
  const path = recordPath(folder, key)
  const grown = await writeWhole(
    folder,
    () => pieces(bytes),
    (temporary) => linkOnce(temporary, path),
  )
  folder.usedBytes += grown
  if (grown > 0 || hashOf(await readFile(path)) === hashOf(bytes)) return
  throw new StoreError(
    'record-taken',
    `record ${key} is there already and says something else; the first one counts.`,
  )
}

async function getRecord(
  folder: Folder,
  key: string,
  { signal }: ReadOptions = {},
): Promise<Uint8Array | undefined> {
  const path = recordPath(folder, key)
  const bytes = await sizeOf(path)
  if (bytes === undefined) {
    await requireFolder(folder)
    return undefined
  }
  // Others may write into a folder that is shared, past every check of ours.
  if (bytes > MAX_RECORD_BYTES) throw recordTooLarge(key, bytes)
  return new Uint8Array(await readFile(path, { signal }))
}

function recordTooLarge(key: string, bytes: number): StoreError {
  return new StoreError(
    'record-refused',
    `record ${key} has ${bytes} bytes; the limit is ${MAX_RECORD_BYTES}.`,
  )
}

// ---- files

/** Tells "not there" from "the whole folder is gone": a disk that isn't mounted has lost nobody's blobs. */
async function requireFolder(folder: Folder): Promise<void> {
  if ((await sizeOf(incomingOf(folder))) !== undefined) return
  throw new StoreError('unavailable', `the store's folder ${folder.dir} is gone. Is its disk mounted?`)
}

/**
 * Writes a temporary file, syncs it, and lets `finish` move it to its place.
 *
 * @param finish answers whether it kept the file
 * @returns bytes that the folder grew by
 */
async function writeWhole(
  folder: Folder,
  chunks: () => AsyncIterable<Uint8Array>,
  finish: (temporary: string, length: number) => Promise<boolean>,
): Promise<number> {
  const temporary = join(incomingOf(folder), `${process.pid}-${randomBytes(12).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx')
  try {
    const length = await writeAll(folder, file, chunks())
    await file.sync()
    return (await finish(temporary, length)) ? length : 0
  } finally {
    await file.close()
    await rm(temporary, { force: true })
  }
}

async function writeAll(
  folder: Folder,
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (folder.usedBytes + length > folder.maxTotalBytes) {
      throw new StoreError(
        'full',
        `the store holds ${folder.usedBytes} bytes of at most ${folder.maxTotalBytes}. Its operator has to make room or raise the limit.`,
      )
    }
    await file.appendFile(chunk)
    crashPoint('during-blob-write')
  }
  return length
}

/** The bytes at once, or in two halves when a test wants this process to die between them. */
async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const half = crashPointArmed('during-blob-write') ? bytes.length >> 1 : 0
  if (half > 0) yield bytes.subarray(0, half)
  yield bytes.subarray(half)
}

async function renameInto(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to))
  await rename(from, to)
  await syncFolder(dirname(to))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Gives a file its name unless the name is taken, which one of several writers at once finds out. */
async function linkOnce(from: string, to: string): Promise<boolean> {
  await makeFolder(dirname(to))
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  await syncFolder(dirname(to))
  return true
}

function incomingOf(folder: { dir: string }): string {
  return join(folder.dir, 'incoming')
}

function blobPath(folder: Folder, hash: Hash): string {
  return join(folder.dir, 'blobs', hash.slice(2, 4), hash)
}

function corruptPath(folder: Folder, hash: Hash): string {
  return join(folder.dir, 'corrupt', hash)
}

function recordPath(folder: Folder, key: string): string {
  const parsed = parseRecordKey(key)
  const name = parsed.kind === 'opening' ? ['opening'] : [String(parsed.window), parsed.validator]
  return join(folder.dir, 'records', parsed.commitment.slice(2, 4), `${parsed.commitment}-${name.join('-')}`)
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await ifThere(stat(path)))?.size
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** Removes temporary files whose writer no longer runs. */
async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const written = await ifThere(stat(path))
    if (written && isAbandoned(Number.parseInt(name, 10), written.mtimeMs)) await rm(path, { force: true })
  }
}

function isAbandoned(writer: number, mtimeMs: number): boolean {
  if (writer === process.pid) return mtimeMs < Date.now() - process.uptime() * 1_000
  try {
    process.kill(writer, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function bytesUnder(dir: string): Promise<number> {
  let total = 0
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) total += (await sizeOf(join(entry.parentPath, entry.name))) ?? 0
  }
  return total
}
