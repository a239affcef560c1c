import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type BlobSource, type Pieces, sourceOf } from './blob-source.ts'
import {
  type BlobStore,
  DEFAULT_MAX_BLOB_BYTES,
  DEFAULT_MAX_TOTAL_BYTES,
  type Hash,
  MAX_RECORD_BYTES,
  type ReadOptions,
  type RecordOptions,
  requireHash,
  StoreError,
} from './blob-store.ts'
import { checked, collectBlob, tooLarge } from './collect.ts'
import { untilAborted } from './deadline.ts'
import { asDiskError } from './disk-error.ts'
import {
  blobPath,
  corruptPath,
  type Folder,
  type Kept,
  linkOnce,
  listKept,
  openFolder,
  recordPath,
  removeKept,
  renameInto,
  requireFolder,
  sizeOf,
  touch,
  writeWhole,
} from './folder.ts'
import { checkRecord } from './record-check.ts'
import { openingKey } from './records.ts'
import { hashOf, startHash } from './sha256.ts'

export type { Kept } from './folder.ts'

/** A store in a folder, with what a server needs in addition. */
export type FileStore = BlobStore & {
  /**
   * Stores a blob that arrives in pieces, with memory for one piece.
   *
   * @throws StoreError 'blob-too-large' as soon as it is, 'blob-corrupt' when its hash isn't `expected`
   */
  putStream(chunks: Pieces, options?: { expected?: Hash; maxBytes?: number }): Promise<Hash>
  /**
   * Length and content of a blob. They are unchecked: the reader hashes.
   *
   * @throws StoreError 'blob-missing', 'blob-corrupt' or 'unavailable'
   */
  openBlob(hash: Hash): Promise<{ bytes: number; stream: Readable }>
  /**
   * A blob of this store, to be put into another one. It is hashed while it is read.
   *
   * @throws StoreError like `openBlob`; its pieces end with 'blob-corrupt' if they aren't the blob's
   */
  source(hash: Hash): Promise<BlobSource>
  /** Everything that is kept. */
  list(): AsyncIterable<Kept>
  /** Removes a blob or record unless somebody put it after `seconds`. @returns whether it is gone */
  remove(path: string, seconds: number): Promise<boolean>
}

export type FileStoreOptions = {
  /** The folder; it is made if it isn't there. Several processes may share it. */
  dir: string
  /** Largest blob in bytes. */
  maxBlobBytes?: number
  /** Largest sum of all files in bytes, as counted by this process since it opened the folder. */
  maxTotalBytes?: number
}

/**
 * Opens a store in a folder. Each write goes to a temporary file, which is synced and then renamed. So a process that
 * is killed leaves no half blob, only a temporary file, which this function removes once its writer is gone.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const folder = await openFolder({
    dir: options.dir,
    maxBlobBytes: options.maxBlobBytes ?? DEFAULT_MAX_BLOB_BYTES,
    maxTotalBytes: options.maxTotalBytes ?? DEFAULT_MAX_TOTAL_BYTES,
  })
  return {
    put: (content) =>
      writing(folder, async () => {
        const { hash, pieces } = sourceOf(content)
        return putStream(folder, pieces(), { expected: hash })
      }),
    putStream: (chunks, putOptions = {}) => writing(folder, () => putStream(folder, chunks, putOptions)),
    get: (hash, limit) => reading(folder, limit, () => getBlob(folder, hash, limit)),
    has: (hash, options) => reading(folder, options, () => hasBlob(folder, hash)),
    openBlob: (hash) => reading(folder, {}, () => openBlob(folder, hash)),
    source: (hash) => reading(folder, {}, () => source(folder, hash)),
    putRecord: (key, bytes) => writing(folder, () => putRecord(folder, key, bytes)),
    getRecord: (key, options) => reading(folder, options, () => getRecord(folder, key, options)),
    list: () => listKept(folder),
    remove: (path, seconds) => writing(folder, () => removeKept(folder, path, seconds)),
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
  chunks: Pieces,
  { expected, maxBytes = folder.maxBlobBytes }: { expected?: Hash; maxBytes?: number },
): Promise<Hash> {
  const limit = Math.min(maxBytes, folder.maxBlobBytes)
  const digest = startHash()
  let hash: Hash | undefined
  await writeWhole(
    folder,
    (async function* () {
      let length = 0
      for await (const chunk of chunks) {
        length += chunk.length
        if (length > limit) throw tooLarge(expected ?? 'without a name', length, limit)
        digest.update(chunk)
        yield chunk
      }
    })(),
    async (temporary, length) => {
      hash = digest.end()
      if (expected && hash !== requireHash(expected)) {
        throw new StoreError(
          'blob-corrupt',
          `${length} bytes came as blob ${expected}, but their hash is ${hash}. Send them again.`,
        )
      }
      const path = blobPath(folder, hash)
      const replaced = await sizeOf(path)
      // Also if it is there already: what the disk made of it since is unknown.
      await renameInto(temporary, path)
      return length - (replaced ?? 0)
    },
  )
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
  const limit = { maxBytes, announced: bytes }
  return collectBlob(hash, stream, limit).catch((error) => setAsideCorrupt(folder, hash, error))
}

async function source(folder: Folder, hash: Hash): Promise<BlobSource> {
  const { bytes, stream } = await openBlob(folder, hash)
  stream.destroy()
  return { hash, sizeBytes: bytes, pieces: () => readChecked(folder, hash) }
}

async function* readChecked(folder: Folder, hash: Hash): AsyncGenerator<Uint8Array> {
  const { stream } = await openBlob(folder, hash)
  try {
    yield* checked(hash, stream)
  } catch (error) {
    await setAsideCorrupt(folder, hash, error)
  }
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

/** The error for a blob that isn't there. One that became corrupt must not look as if its owner had never put it. */
async function absenceOf(folder: Folder, hash: Hash): Promise<StoreError> {
  await requireFolder(folder)
  if ((await sizeOf(corruptPath(folder, hash))) !== undefined) {
    return new StoreError(
      'blob-corrupt',
      `blob ${hash} became corrupt on this store's disk and was set aside. Put it again.`,
    )
  }
  return new StoreError(
    'blob-missing',
    `blob ${hash} is not in this store: its owner has not put it, or put it elsewhere.`,
  )
}

/** Moves a file whose content no longer fits its name out of the way, so that the blob can be put again. */
async function setAsideCorrupt(folder: Folder, hash: Hash, error: unknown): Promise<never> {
  if (error instanceof StoreError && error.code === 'blob-corrupt') {
    // This may fail, on a read-only disk or because another reader was faster. The blob is corrupt in any case.
    await renameInto(blobPath(folder, hash), corruptPath(folder, hash)).catch(() => undefined)
  }
  throw error
}

// ---- records

async function putRecord(folder: Folder, key: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MAX_RECORD_BYTES) throw recordTooLarge(key, bytes.length)
  await checkRecord(key, bytes, {
    opening: (commitment) => getRecord(folder, openingKey(commitment)),
    blobBytes: (hash) => sizeOf(blobPath(folder, hash)),
  })
  const path = recordPath(folder, key)
  let isNew = false
  await writeWhole(folder, [bytes], async (temporary, length) => {
    isNew = await linkOnce(temporary, path)
    return isNew ? length : 0
  })
  if (isNew) return
  if (hashOf(await readFile(path)) === hashOf(bytes)) return touch(path)
  throw new StoreError(
    'record-taken',
    `record ${key} is there already and says something else; the first one counts.`,
  )
}

async function getRecord(
  folder: Folder,
  key: string,
  { signal, check }: RecordOptions = {},
): Promise<Uint8Array | undefined> {
  const path = recordPath(folder, key)
  const bytes = await sizeOf(path)
  if (bytes === undefined) {
    await requireFolder(folder)
    return undefined
  }
  // Others may write into a shared folder without our checks.
  if (bytes > MAX_RECORD_BYTES) throw recordTooLarge(key, bytes)
  const record = new Uint8Array(await readFile(path, { signal }))
  await check?.(record)
  return record
}

function recordTooLarge(key: string, bytes: number): StoreError {
  return new StoreError(
    'record-refused',
    `record ${key} has ${bytes} bytes; the limit is ${MAX_RECORD_BYTES}.`,
  )
}
