import { randomBytes } from 'node:crypto'
import { type FileHandle, link, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export type WholeFileOptions = {
  /** Who may read and write it; by default as the process's umask says. */
  mode?: number
  /** Whether a file that is there stays as it is, and the write fails with EEXIST; by default it is replaced. */
  isNew?: boolean
}

type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * Writes a file as a whole or not at all: to a temporary file beside it, which gets the file's name once it is on the disk. A
 * full disk leaves nothing behind. A killed process leaves a temporary file, which the next writer of the same file removes. What
 * isn't a regular file, such as a pipe, is written to directly.
 *
 * @param content the file's bytes, or parts of them in order
 * @throws whatever making the parts throws; the system's error, with the file's path and not the temporary one's
 */
export async function writeWholeFile(
  path: string,
  content: Content,
  options: WholeFileOptions = {},
): Promise<void> {
  try {
    const place = await placeOf(path)
    if (place.isRegular) await writeBeside(besideOf(place.path), content, options)
    else await writeFile(place.path, content, options.isNew ? { flag: 'wx' } : {})
  } catch (error) {
    throw nameFile(error, path)
  }
}

/**
 * Like {@link writeWholeFile}, for a file whose name follows from what it holds.
 *
 * @param name asked for once all of the content is on the disk
 */
export async function writeAndName(folder: string, content: Content, name: () => string): Promise<void> {
  const prefix = '.unnamed.'
  try {
    await writeBeside({ folder, prefix, path: () => join(folder, name()) }, content, {})
  } catch (error) {
    throw nameFile(error, folder)
  }
}

/** Where a file is written before it has its name, and the path that it gets. */
type Beside = { folder: string; prefix: string; path: () => string }

function besideOf(path: string): Beside {
  return { folder: dirname(path), prefix: `.${basename(path)}.`, path: () => path }
}

/** Where the file really is, so that a symbolic link stays one, and whether it may be replaced. */
async function placeOf(path: string): Promise<{ path: string; isRegular: boolean }> {
  try {
    const place = await realpath(path)
    return { path: place, isRegular: (await stat(place)).isFile() }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return { path, isRegular: true }
  }
}

async function writeBeside(
  { folder, prefix, path }: Beside,
  content: Content,
  { mode = 0o666, isNew = false }: WholeFileOptions,
): Promise<void> {
  await removeAbandoned(folder, prefix)
  const temporary = join(folder, `${prefix}${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', mode)
  try {
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await (isNew ? nameOnce(temporary, path()) : rename(temporary, path()))
    await syncFolder(folder)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Gives a file its name unless the name is taken. Of several writers at once, one succeeds. */
async function nameOnce(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    // File systems of memory cards have no second names. There the name is taken first, and filled by the rename.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) throw error
    await (await open(to, 'wx')).close()
    await rename(from, to)
  }
}

/** Makes the new name last. Some file systems can't sync a folder; there it lasts when they say so. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined
  try {
    folder = await open(path, 'r')
    await folder.sync()
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EACCES', 'EISDIR'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await folder?.close()
  }
}

/** Removes temporary files of the same file whose writer no longer runs. */
async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const writer = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(prefix.length))?.[1]
      : undefined
    if (writer !== undefined && !isRunning(Number(writer))) await rm(join(folder, name), { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/** The error with the path that the caller knows. Node leaves it out where a write failed. */
function nameFile(error: unknown, path: string): unknown {
  const { code, syscall, errno } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || typeof code !== 'string' || errno === undefined) return error
  const [reason = code] = error.message.split(', ')
  const facts = { code, path, errno, ...(syscall && { syscall }) }
  return Object.assign(new Error(`${reason}, write '${path}'`, { cause: error }), facts)
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
