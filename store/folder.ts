import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { link, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Pieces } from './blob-source.ts'
import { type Hash, StoreError } from './blob-store.ts'
import { crashPoint, crashPointArmed } from './crash-point.ts'
import { makeFolder } from './make-folder.ts'
import { isRecordKey, parseRecordKey, type RecordKey } from './records.ts'

/** A store's folder: where each file is, and how it is written so that a crash leaves no half file. */
export type Folder = { dir: string; maxBlobBytes: number; maxTotalBytes: number; usedBytes: number }

/** Makes a store's folder unless it is there, and removes what dead writers left in it. */
export async function openFolder(options: Omit<Folder, 'usedBytes'>): Promise<Folder> {
  await makeFolder(incomingOf(options))
  await removeAbandoned(incomingOf(options))
  return { ...options, usedBytes: await bytesUnder(options.dir) }
}

/** Throws 'unavailable' if the whole folder is gone: on a disk that isn't mounted, no blob counts as missing. */
export async function requireFolder(folder: Folder): Promise<void> {
  if ((await sizeOf(incomingOf(folder))) !== undefined) return
  throw new StoreError('unavailable', `the store's folder ${folder.dir} is gone. Is its disk mounted?`)
}

/**
 * Writes a temporary file, syncs it, and lets `finish` move it to its place. Its bytes count as used while it is written.
 *
 * @param finish returns the bytes by which the folder grew
 */
export async function writeWhole(
  folder: Folder,
  chunks: Pieces,
  finish: (temporary: string, length: number) => Promise<number>,
): Promise<void> {
  const temporary = temporaryPath(folder)
  const file = await open(temporary, 'wx')
  let length = 0
  let grown = 0
  try {
    for await (const chunk of inTwo(chunks)) {
      requireRoom(folder, chunk.length)
      length += chunk.length
      folder.usedBytes += chunk.length
      await file.appendFile(chunk)
      crashPoint('during-blob-write')
    }
    await file.sync()
    grown = await finish(temporary, length)
  } finally {
    folder.usedBytes += grown - length
    await file.close()
    await rm(temporary, { force: true })
  }
}

function requireRoom({ usedBytes, maxTotalBytes }: Folder, bytes: number): void {
  if (usedBytes + bytes <= maxTotalBytes) return
  throw new StoreError(
    'full',
    `the store holds ${usedBytes} bytes of at most ${maxTotalBytes}. Its operator has to make room or raise the limit.`,
  )
}

function temporaryPath(folder: Folder): string {
  return join(incomingOf(folder), `${process.pid}-${randomBytes(12).toString('hex')}.tmp`)
}

/** Each piece as it is, or in two halves if a test wants this process to die between them. */
async function* inTwo(pieces: Pieces): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    const half = crashPointArmed('during-blob-write') ? piece.length >> 1 : 0
    if (half > 0) yield piece.subarray(0, half)
    yield piece.subarray(half)
  }
}

export async function renameInto(from: string, to: string): Promise<void> {
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

/** Gives a file its name unless the name is taken. Of several writers at once, exactly one succeeds. */
export async function linkOnce(from: string, to: string): Promise<boolean> {
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

/** Folder of what a blob server keeps for itself. */
export function serverFolder(dir: string): string {
  return join(dir, 'server')
}

export function blobPath(folder: Folder, hash: Hash): string {
  return join(folder.dir, 'blobs', hash.slice(2, 4), hash)
}

export function corruptPath(folder: Folder, hash: Hash): string {
  return join(folder.dir, 'corrupt', hash)
}

export function recordPath(folder: Folder, key: string): string {
  const [first, ...rest] = fileNameOf(parseRecordKey(key))
  return join(folder.dir, 'records', first.slice(2, 4), [first, ...rest].join('-'))
}

/** The parts of a record's file name, a hash first. */
function fileNameOf(key: RecordKey): [Hash, ...string[]] {
  switch (key.kind) {
    case 'opening':
      return [key.commitment, 'opening']
    case 'evidence':
      return [key.commitment, String(key.window), key.validator]
    case 'pool':
      return [key.envelope, 'pool', key.specHash, key.author]
  }
}

/** A file that a store keeps. */
export type Kept = {
  /** `blobs/<sha256>` or `records/<name>`. */
  path: string
  sizeBytes: number
  /** Unix seconds at which somebody put it last. */
  seconds: number
}

/** All blobs and records of a store. */
export async function* listKept(folder: Folder): AsyncIterable<Kept> {
  for (const kind of ['blobs', 'records'] as const) {
    for (const file of await filesUnder(join(folder.dir, kind))) {
      const path = kind === 'blobs' ? `blobs/${basename(file)}` : recordOf(basename(file))
      const found = await ifThere(stat(file))
      if (path !== undefined && found !== undefined)
        yield { path, sizeBytes: found.size, seconds: Math.floor(found.mtimeMs / 1_000) }
    }
  }
}

/** Removes a file of {@link listKept}, unless it was put after `seconds`. @returns whether it is gone */
export async function removeKept(folder: Folder, path: string, seconds: number): Promise<boolean> {
  const [kind, ...name] = path.split('/')
  const file = kind === 'blobs' ? blobPath(folder, name[0] as Hash) : recordPath(folder, name.join('/'))
  const isOld = (found: Stats | undefined) => found !== undefined && found.mtimeMs / 1_000 < seconds
  if (!isOld(await ifThere(stat(file)))) return false
  // Somebody may put it just now, in another process too. So it is looked at again where nobody finds it.
  const aside = temporaryPath(folder)
  try {
    if (!(await ifThere(rename(file, aside).then(() => true)))) return false
    const found = await stat(aside)
    if (isOld(found)) {
      folder.usedBytes -= found.size
      return true
    }
    await linkOnce(aside, file)
    return false
  } finally {
    await rm(aside, { force: true })
  }
}

/** Notes that a file that is there was put again. */
export async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now)
}

/** The name of the record in a file; undefined for a file that is none. */
function recordOf(file: string): string | undefined {
  const [first, what, ...rest] = file.split('-')
  const key =
    what === 'opening'
      ? ['opening', first, ...rest]
      : what === 'pool'
        ? ['pool', rest[0], first, ...rest.slice(1)]
        : ['evidence', first, what, ...rest]
  return isRecordKey(key.join('/')) ? `records/${key.join('/')}` : undefined
}

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await ifThere(readdir(dir, { recursive: true, withFileTypes: true }))
  return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

export async function sizeOf(path: string): Promise<number | undefined> {
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
  for (const file of await filesUnder(dir)) total += (await sizeOf(file)) ?? 0
  return total
}
