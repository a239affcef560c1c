import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Mode } from '../package/mode.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { checkTaskSpec, specBytes } from '../package/task-spec.ts'
import { readTaskPackage } from './task-package.ts'

/**
 * Gives the package in a folder another mode: only task.json changes, and with it the spec hash.
 *
 * @returns the package as it is now
 * @throws EngineRefusal like `readTaskPackage`, `spec` for a mode out of its bounds; nothing is written then
 */
export async function changeMode(dir: string, mode: Mode): Promise<TaskPackage> {
  const { spec } = await readTaskPackage(dir)
  await writeWholeFile(join(dir, 'task.json'), specBytes(checkTaskSpec({ ...spec, mode })))
  return readTaskPackage(dir)
}
