import type { DaemonConfig, DaemonContext } from '@assay/daemon/run-daemon.ts'
import type { Told } from '@assay/daemon/told.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { type Address, keccak256 } from 'viem'
import type { OracleKeys } from '../oracle-keys.ts'
import { isJoined } from './joined.ts'
import type { OpenedPool } from './open-envelope.ts'
import type { PoolName } from './seal-pool.ts'

type Fetcher = Pick<DaemonContext<DaemonConfig>, 'reader' | 'account' | 'config' | 'log'> & {
  store: BlobStore
  told: Told
  keys: OracleKeys
}

/**
 * Looks for an envelope with the pool: by the task's owner first, then by the validators that have joined. An envelope
 * without it is said once, and not opened again until the oracle starts anew.
 */
export function openFetcher(
  context: Fetcher,
): (name: PoolName, spec: TaskSpec) => Promise<OpenedPool | undefined> {
  const refusedBy = new Map<string, Map<Address, string>>()
  return async (name, spec) => {
    const { reader, account, config, store, keys, log, told } = context
    const { taskId } = config
    const { owner } = await readTask(reader, { taskId })
    const joined = await readEncryptionKeys(reader, { taskId })
    const others = [...joined.keys()].filter((one) => one !== account.address && one !== owner)
    const refused = refusedBy.get(name.poolRoot) ?? new Map<Address, string>()
    refusedBy.set(name.poolRoot, refused)
    const { openEnvelope } = await import('./open-envelope.ts')
    const opened = await openEnvelope({
      store,
      spec,
      name,
      reader: { validator: account.address, encryptionKeyHash: keccak256(await keys.encryptionKey()) },
      keys,
      authors: [owner, ...others],
      mayAuthor: async (author) => author === owner || (await isJoined(reader, taskId, author)),
      refused,
    })
    for (const [author, reason] of refused)
      if (told.isNews(`pool ${name.poolRoot} ${author}`, reason))
        log.warn({ author, reason }, "an envelope does not hold the task's held-out pool; trying another")
    if (opened !== undefined) log.info({ author: opened.author }, 'the held-out pool is here')
    return opened
  }
}
