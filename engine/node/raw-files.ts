/** Lists files of people's own, without following links out of the folder that was named. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RawFile } from '../prepare/raw-file.ts'
import { asRefusal, demand } from '../refusal.ts'
import { readPlainFile } from './plain-file.ts'

const MAX_FILES = 2 ** 20
const MAX_DEPTH = 8
/** What systems leave in folders of pictures. Hidden files are left out, too. */
const LEFT_OUT = ['Thumbs.db', 'desktop.ini', '__MACOSX']

export type RawFiles = {
  /** What was named, as messages call it. */
  name: string
  isFolder: boolean
  /** In the order of their paths' code units, so that the same folder gives the same samples anywhere. */
  files: RawFile[]
}

/**
 * The file at a path, or all files of the folder there. What was named may be a symbolic link, what is in it may not.
 *
 * @throws EngineRefusal `data` when nothing is there, for links, pipes and the like in a folder, and for too many files
 */
export async function rawFilesAt(path: string): Promise<RawFiles> {
  const name = basename(path)
  try {
    const place = await realpath(path)
    const status = await stat(place)
    if (!status.isDirectory()) return { name, isFolder: false, files: [rawFile(place, name, status.size)] }
    const files: RawFile[] = []
    await addFiles(files, place, '', 0)
    demand(files.length > 0, 'data', () => `the folder ${path} has no files`)
    return { name, isFolder: true, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
  } catch (error) {
    throw asRefusal('data', `${path} can't be read`, error)
  }
}

async function addFiles(files: RawFile[], root: string, folder: string, depth: number): Promise<void> {
  demand(depth <= MAX_DEPTH, 'data', () => `${folder} is ${depth} folders deep, the limit is ${MAX_DEPTH}`)
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || LEFT_OUT.includes(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      await addFiles(files, root, path, depth + 1)
      continue
    }
    demand(
      entry.isFile(),
      'data',
      () =>
        `${path} is ${entry.isSymbolicLink() ? 'a symbolic link' : 'no regular file'}: put the file itself there`,
    )
    const { size } = await stat(join(root, path))
    files.push(rawFile(join(root, path), path, size))
    demand(
      files.length <= MAX_FILES,
      'data',
      () => `there are more than ${MAX_FILES} files: give a part of them`,
    )
  }
}

function rawFile(place: string, path: string, sizeBytes: number): RawFile {
  return {
    path,
    sizeBytes,
    read: () =>
      readPlainFile(place, { name: path, maxBytes: sizeBytes, limitOf: 'a moment ago it had', code: 'data' }),
  }
}
