/** Task packages on disk, pinned to the engine installed here. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '../hash.ts'
import { DEFAULT_DATA_LIMITS } from '../package/data.ts'
import {
  checkFileSize,
  checkPin,
  checkTaskPackage,
  DEFAULT_PACKAGE_LIMITS,
  declaredFile,
  type EncodedPackage,
  type EncodedTask,
  encodeTask,
  type PackageLimits,
  type TaskFiles,
} from '../package/package-check.ts'
import { type Pool, readAnyPool, readPool } from '../package/pool.ts'
import type { TaskContents, TaskPackage } from '../package/task-contents.ts'
import { filesOf, MAX_SPEC_BYTES, parseTaskSpec, type TaskFile, type TaskSpec } from '../package/task-spec.ts'
import { installedEngine } from './engine-pin.ts'
import { readPlainFile } from './plain-file.ts'

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
  const taskJson = await readPlainFile(join(dir, 'task.json'), {
    name: 'task.json',
    maxBytes: MAX_SPEC_BYTES,
  })
  const { spec } = parseTaskSpec(taskJson)
  checkPin(spec, await installedEngine())
  const files = new Map<TaskFile, Uint8Array>()
  for (const name of filesOf(spec)) {
    checkFileSize(spec, name, limits)
    const at = { name, maxBytes: declaredFile(spec, name).bytes, limitOf: 'task.json says' }
    files.set(name, await readPlainFile(join(dir, name), at))
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
export async function createTask(contents: TaskContents): Promise<EncodedTask> {
  return encodeTask(contents, await installedEngine())
}

/**
 * Writes a new package to a folder, creating it if needed, and reads it back with every check. What is in the folder is
 * for everybody: the held-out pool is not.
 *
 * @param poolFile where the pool goes, if anywhere; only its owner may read the file
 */
export async function writeTaskPackage(
  dir: string,
  contents: TaskContents,
  poolFile?: string,
): Promise<TaskPackage> {
  await writeTaskFiles(dir, await createTask(contents), poolFile)
  return readTaskPackage(dir)
}

/**
 * Writes the files of a package, and its pool where `poolFile` says, if anywhere. task.json comes last: without it a folder is
 * no package.
 */
export async function writeTaskFiles(
  dir: string,
  { taskJson, files, pool }: EncodedPackage & { pool?: Uint8Array },
  poolFile?: string,
): Promise<void> {
  await mkdir(dir, { recursive: true })
  if (pool !== undefined && poolFile !== undefined) await writeWholeFile(poolFile, pool, { mode: 0o600 })
  for (const [name, bytes] of files) await writeWholeFile(join(dir, name), bytes)
  await writeWholeFile(join(dir, 'task.json'), taskJson)
}

/**
 * Reads the held-out pool of a task from a file.
 *
 * @param root of the pool; the package's by default
 * @throws EngineRefusal `package` when the file can't be read, `data` when it isn't the pool of that root
 */
export async function readPoolFile(file: string, spec: TaskSpec, root?: string): Promise<Pool> {
  return readPool(await readPoolBytes(file), spec, root)
}

/** Reads a file with a pool that may become a task's, and tells its root. @throws EngineRefusal like {@link readAnyPool} */
export async function readAnyPoolFile(file: string, spec: TaskSpec): Promise<{ pool: Pool; root: Hash }> {
  return readAnyPool(await readPoolBytes(file), spec)
}

function readPoolBytes(file: string): Promise<Uint8Array> {
  return readPlainFile(file, { name: file, maxBytes: DEFAULT_DATA_LIMITS.maxBytes })
}
