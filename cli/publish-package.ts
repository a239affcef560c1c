import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesOf, parseTaskSpec } from '@assay/engine/package/task-spec.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { openStores } from '@assay/store/open-store.ts'
import type { StoreLocation } from '@assay/store/store-location.ts'
import type { Account } from 'viem'
import { say } from './answer.ts'

/**
 * Puts a task package's files into a store, each under its own hash. Readers find `task.json` by the task's spec hash,
 * and the other files by the hashes in it. Read the folder with `readTaskPackage` first, which checks it.
 */
export async function publishPackage(store: BlobStore, dir: string): Promise<void> {
  const taskJson = await readFile(join(dir, 'task.json'))
  const { spec } = parseTaskSpec(taskJson)
  await store.put(taskJson)
  await Promise.all(filesOf(spec).map(async (file) => store.put(await readFile(join(dir, file)))))
}

/** Opens stores for a package, whose uploads this account signs. Tells which of them did not take a file. */
export function openPackageStores(
  locations: readonly StoreLocation[],
  { account, taskId }: { account: Account; taskId?: bigint },
): Promise<BlobStore> {
  const signing = account.type === 'local' ? { account, taskId } : {}
  return openStores(
    locations.map((location) => ({ ...location, ...signing })),
    {
      onTrouble: (name, error) =>
        say(`The store ${name} did not take a file of the package: ${error.message}`),
    },
  )
}
