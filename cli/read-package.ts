import { readTaskPackage } from '@assay/engine/node/task-package.ts'
import { type Dataset, readDataset } from '@assay/engine/package/data.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { CliError } from './failure.ts'

/** Reads the package that `--package` names. @throws CliError with the folder, and what to do */
export async function readPackage(dir: string): Promise<TaskPackage> {
  try {
    return await readTaskPackage(dir)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    const isMissing = (error.cause as NodeJS.ErrnoException | undefined)?.syscall !== undefined
    if (isMissing) {
      throw new CliError(
        'usage',
        `${dir} is not a task package: ${error.message}.`,
        'Give --package the folder that holds task.json and the files beside it.',
      )
    }
    throw new CliError(
      'failed',
      `The package ${dir} is refused: ${error.message}.`,
      'Give --package an unchanged copy, or write the package again: its files must be what its task.json says.',
    )
  }
}

/** Reads the samples of a file. @throws CliError with its name, and what it should hold */
export function readSampleBytes(bytes: Uint8Array, file: string, spec: TaskSpec): Dataset {
  try {
    return readDataset(bytes, spec)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `The samples of ${file} can't be used: ${error.message}.`,
      `Give --data a safetensors file with x (F32) [samples,${spec.input.shape}] and y (I32) [samples].`,
    )
  }
}
