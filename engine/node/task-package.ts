/** Task packages on disk, pinned to the engine installed here. */
import { constants } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '../hash.ts'
import {
  checkFileSize,
  checkPin,
  checkTaskPackage,
  DEFAULT_PACKAGE_LIMITS,
  encodeTask,
  type PackageLimits,
  type TaskFiles,
} from '../package/package-check.ts'
import type { TaskContents, TaskPackage } from '../package/task-contents.ts'
import { MAX_SPEC_BYTES, parseTaskSpec, TASK_FILES, type TaskFile } from '../package/task-spec.ts'
import { asRefusal, demand } from '../refusal.ts'
import { installedEngine } from './engine-pin.ts'

/**
 * Reads a task package from a folder. Only the fixed file names are opened, symbolic links and anything but regular
 * files are refused, and no file is read past the size that task.json declares for it.
 *
 * @throws EngineRefusal with the reason.
 */
export async function readTaskPackage(
  dir: string,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<TaskPackage> {
  const taskJson = await readPlainFile(dir, 'task.json', MAX_SPEC_BYTES)
  const { spec } = parseTaskSpec(taskJson)
  checkPin(spec, await installedEngine())
  const files = new Map<TaskFile, Uint8Array>()
  for (const name of TASK_FILES) {
    checkFileSize(spec, name, limits)
    files.set(name, await readPlainFile(dir, name, spec.files[name].bytes))
  }
  return assembleTaskPackage(taskJson, files, limits)
}

/** Checks a task package whose files are at hand: {@link checkTaskPackage} against the installed engine. */
export async function assembleTaskPackage(
  taskJson: Uint8Array,
  files: TaskFiles,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<TaskPackage> {
  return checkTaskPackage(taskJson, files, await installedEngine(), limits)
}

/** The files of a new package, pinned to the installed engine: what {@link writeTaskPackage} writes. */
export async function createTask(
  contents: TaskContents,
): Promise<{ taskJson: Uint8Array; files: Map<TaskFile, Uint8Array>; specHash: Hash }> {
  return encodeTask(contents, await installedEngine())
}

/**
 * Writes a new package to a folder, creating it if needed, and reads it back with every check. task.json comes last: without it
 * a folder is no package.
 */
export async function writeTaskPackage(dir: string, contents: TaskContents): Promise<TaskPackage> {
  const { taskJson, files } = await createTask(contents)
  await mkdir(join(dir, 'data'), { recursive: true })
  for (const [name, bytes] of files) await writeWholeFile(join(dir, name), bytes)
  await writeWholeFile(join(dir, 'task.json'), taskJson)
  return readTaskPackage(dir)
}

async function readPlainFile(
  dir: string,
  name: 'task.json' | TaskFile,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    return await readRegular(dir, name, maxBytes)
  } catch (error) {
    throw asRefusal('package', `${name} can't be read`, error)
  }
}

async function readRegular(dir: string, name: string, maxBytes: number): Promise<Uint8Array> {
  if (name.startsWith('data/')) {
    const folder = await lstat(join(dir, 'data'))
    demand(folder.isDirectory(), 'package', () => 'data is not a folder: symbolic links are refused')
  }
  // Without O_NONBLOCK, opening a FIFO would wait for a writer that never comes.
  const file = await open(join(dir, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = await file.stat()
    demand(status.isFile(), 'package', () => `${name} is not a regular file`)
    demand(
      status.size <= maxBytes,
      'package',
      () =>
        `${name} has ${status.size} bytes, ${name === 'task.json' ? 'the limit is' : 'task.json says'} ${maxBytes}`,
    )
    const bytes = new Uint8Array(status.size)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
