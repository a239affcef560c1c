/** Reads files of folders that come from strangers. */
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asRefusal, demand, type RefusalCode } from '../refusal.ts'

export type PlainFile = {
  /** What messages call the file. */
  name: string
  maxBytes: number
  /** Whose limit that is: "the limit is" by default, or "task.json says". */
  limitOf?: string
  /** What messages call the folder that it is in, which is checked, too. */
  folder?: string
  /** What a refused file was; `package` by default. */
  code?: RefusalCode
}

/**
 * Reads a regular file up to a limit; symbolic links are refused.
 *
 * @throws EngineRefusal of the code, with the reason
 */
export async function readPlainFile(path: string, at: PlainFile): Promise<Uint8Array> {
  try {
    return await readRegular(path, at)
  } catch (error) {
    throw asRefusal(at.code ?? 'package', `${at.name} can't be read`, error)
  }
}

async function readRegular(
  path: string,
  { name, maxBytes, limitOf = 'the limit is', folder, code = 'package' }: PlainFile,
): Promise<Uint8Array> {
  if (folder !== undefined) await requireFolder(dirname(path), folder)
  // Without O_NONBLOCK, opening a FIFO would wait for a writer that never comes.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = await file.stat()
    demand(status.isFile(), code, () => `${name} is not a regular file`)
    demand(status.size <= maxBytes, code, () => `${name} has ${status.size} bytes, ${limitOf} ${maxBytes}`)
    const bytes = new Uint8Array(status.size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function requireFolder(path: string, name: string): Promise<void> {
  const folder = await lstat(path)
  demand(folder.isDirectory(), 'package', () => `${name} is not a folder: symbolic links are refused`)
}
