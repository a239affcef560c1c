import type { Hash } from '@assay/sdk/protocol/random.ts'
import { announcePool, announcePoolCall } from '@assay/sdk/verbs/tasks/announce-pool.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { addVerb } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { storesOf, withStore } from '../store-options.ts'
import { perform } from '../transaction.ts'

interface AnnounceOptions extends KeyOptions, StoreOptions {
  pool: string
  package?: string
  force?: boolean
}

/** `assay task announce-pool` */
export function addAnnouncePool(task: Command): void {
  const command = addVerb(task, {
    usage: 'announce-pool <task>',
    summary: 'Announce a new held-out pool, because the old one leaked or is worn out.',
    details:
      'Make its file with assay package pool. It counts from the round after the next one on, and validators count with it only once they have it and have found that it can judge: seal it to them right away, with assay task seal. Until then the old one judges. Contributors who leave before they submit to a round with it lose no held pay. One pool can be announced at a time; once the round before its first one has opened, another may take its place.',
    examples: [
      'assay task announce-pool 1 --pool next.safetensors --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  const withFiles = withTransaction(command)
    .requiredOption('--pool <file>', 'the new held-out pool')
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .option('--force', 'announce it although it teaches too little')
  withStore(withFiles, 'blob server of the task').action(announce)
}

async function announce(task: string, options: AnnounceOptions): Promise<void> {
  const taskId = parseTaskId(task)
  if (options.package === undefined) storesOf(options)
  // Loaded only here: the other verbs start faster without an engine.
  const { packageOf } = await import('../task-package.ts')
  const { readOnePool } = await import('../read-package.ts')
  const { tryPackage } = await import('../package-trial.ts')
  await perform(options, async (reader) => {
    const params = await readTaskParams(reader, { taskId })
    const taskPackage = await packageOf(options, { ...params, taskId })
    const { pool, root: poolRoot } = await readOnePool(options.pool, taskPackage.spec)
    const parameters = { taskId, poolRoot }
    const { samples } = pool
    return {
      title: `Announce the pool ${poolRoot} in task ${taskId}`,
      moves: [],
      notes: ['No round opens with it before 2k + 1 validators are ready for it'],
      calls: [announcePoolCall(reader.deployment, parameters)],
      rehearse: () => tryPackage(taskPackage, { samples, pool: samples, force: options.force }),
      send: (client) => announcePool(client, parameters),
      done: ({ firstRound }) => announced({ taskId, poolRoot, firstRound }, options.pool),
    }
  })
}

function announced(data: { taskId: bigint; poolRoot: Hash; firstRound: number }, file: string) {
  const { taskId, firstRound } = data
  const text = `Announced: it judges task ${taskId} from round ${firstRound} on.\nSeal it to the validators: assay task seal ${taskId} --pool ${file}`
  return { data, text }
}
