import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

/** Gives the samples of the held-out pool of the task whose package has that spec hash. */
export type HeldOutPool = (specHash: Hash) => Promise<Dataset>

/**
 * The held-out pool, from the file that the task's owner gave this validator. It is read once, when first needed, and
 * checked against the root in the task's package.
 *
 * @throws FatalDaemonError when the file can't be read, or isn't the task's pool
 */
export function openHeldOutPool(bench: Workbench, file: string): HeldOutPool {
  let opened: Promise<Dataset> | undefined
  return (specHash) => {
    opened ??= readSamples(bench, file, specHash).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

async function readSamples(bench: Workbench, file: string, specHash: Hash): Promise<Dataset> {
  const { spec } = await bench.package(specHash)
  const { readPoolFile } = await import('@assay/engine/node/task-package.ts')
  try {
    return (await readPoolFile(file, spec)).samples
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new FatalDaemonError(
      `${file} is not the held-out pool of this task: ${error.message}. Ask the task's owner for the pool, and name its file with --pool.`,
    )
  }
}
