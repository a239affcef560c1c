/** Packages of older formats, on disk. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesHash, type Hash } from '../hash.ts'
import { convertTask, parseOldTask, withGrid } from '../package/convert.ts'
import { DEFAULT_DATA_LIMITS } from '../package/data.ts'
import { POOL_FILE } from '../package/pool.ts'
import type { Grid } from '../package/sample-spec.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { MAX_SPEC_BYTES } from '../package/task-spec.ts'
import { demand } from '../refusal.ts'
import { installedEngine } from './engine-pin.ts'
import { readPlainFile } from './plain-file.ts'
import { assembleTaskPackage, writeTaskFiles } from './task-package.ts'

/**
 * Converts the package in a folder. The new one goes to `package` in the folder `out`. If the old package held the pool, that
 * goes beside it, salted anew: each conversion of such a package gives another root and spec hash.
 *
 * @param out made if it isn't there; must be empty, because files of two conversions don't fit together
 * @param options.grid how the features lie in space, which no older format could say
 * @returns `poolFile` only if the old package held the pool
 * @throws EngineRefusal with the reason; nothing is written then
 */
export async function convertPackage(
  dir: string,
  out: string,
  { grid }: { grid?: Grid | undefined } = {},
): Promise<{ converted: TaskPackage; packageDir: string; poolFile?: string }> {
  const taskJson = await readPlainFile(join(dir, 'task.json'), {
    name: 'task.json',
    maxBytes: MAX_SPEC_BYTES,
  })
  const parsed = parseOldTask(taskJson)
  const old = grid === undefined ? parsed : withGrid(parsed, grid)
  const files = new Map<string, Uint8Array>()
  for (const name of Object.keys(old.files)) {
    const { maxBytes } = DEFAULT_DATA_LIMITS
    const folder = name.startsWith('data/') ? { folder: 'data' } : {}
    files.set(name, await readPlainFile(join(dir, name), { name, maxBytes, ...folder }))
  }
  const task = convertTask(old, files, await installedEngine(), newSaltSeed())
  const converted = await assembleTaskPackage(task.taskJson, task.files)
  await requireEmpty(out)
  const packageDir = join(out, 'package')
  const poolFile = join(out, POOL_FILE)
  await writeTaskFiles(packageDir, task, poolFile)
  return { converted, packageDir, ...(task.pool !== undefined && { poolFile }) }
}

/** 32 secret bytes for the salts of a pool. */
function newSaltSeed(): Hash {
  return bytesHash(crypto.getRandomValues(new Uint8Array(32)))
}

async function requireEmpty(out: string): Promise<void> {
  await mkdir(out, { recursive: true })
  const [first] = await readdir(out)
  demand(first === undefined, 'package', () => `${out} is not empty (it has ${first}): name a new folder`)
}
