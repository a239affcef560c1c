import { installedEngine } from '@assay/engine/node/engine-pin.ts'
import { fetchTaskPackage } from '@assay/engine/package/fetch-package.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { openStores } from '@assay/store/open-store.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { say } from './answer.ts'
import { CliError } from './failure.ts'
import { readPackage } from './read-package.ts'
import { type NamedPackage, requireProgram, requireSameTask } from './same-task.ts'
import { storesOf } from './store-options.ts'

/**
 * A task's package, from the folder that the options name or else from their stores.
 *
 * @throws CliError when it is another task's, or refused; StoreError when no store gives it
 */
export async function packageOf(
  options: StoreOptions & { package?: string },
  task: NamedPackage & { taskId: bigint },
): Promise<TaskPackage> {
  if (options.package === undefined) {
    const fetched = await fetchFrom(options, task.specHash)
    requireProgram(fetched, task)
    return fetched
  }
  const found = await readPackage(options.package)
  requireSameTask(options.package, found, task, 'Give the package of this task, or a store that has it.')
  return found
}

async function fetchFrom(options: StoreOptions, specHash: Hash): Promise<TaskPackage> {
  const store = await openStores(storesOf(options), {
    onTrouble: (name, error) => say(`The store ${name} has trouble: ${error.message}`),
  })
  try {
    return await fetchTaskPackage(specHash, await installedEngine(), (hash, maxBytes) =>
      store.get(hash, { maxBytes }),
    )
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('failed', `The task's package is refused: ${error.message}.`, 'Choose another task.')
  }
}
