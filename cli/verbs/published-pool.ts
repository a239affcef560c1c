import { type Pool, readPool as parsePool, writePool } from '@assay/engine/package/pool.ts'
import { maxPoolBlobBytes } from '@assay/engine/package/pool-encryption.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { readPoolRoots } from '@assay/sdk/verbs/tasks/read-pool-roots.ts'
import { readTask, type TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { fetchPoolRecord, poolKeyOf } from '@assay/store/pool-record.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import type { Address, LocalAccount } from 'viem'
import { print } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { type ChainOptions, clientOf, type KeyOptions, readerOf, withChain, withKey } from '../options.ts'
import { storesOf, withStore } from '../store-options.ts'
import { fetchSpec } from './task-pool.ts'

interface PublishOptions extends KeyOptions, StoreOptions {
  pool: string
}

interface FetchOptions extends ChainOptions, StoreOptions {
  out: string
  root?: Hash
}

/** `assay task publish-pool <task>` */
export function addPublishPool(task: Command): void {
  const command = addVerb(task, {
    usage: 'publish-pool <task>',
    summary: 'Publish the held-out pool of a task that is over, so that anyone can recompute its scores.',
    details:
      "The task's owner or any of its validators can. A validator has the pool's file in its oracle's data directory. While a round can still open, publishing would let everybody train on what they are judged by: then it is refused. Sends no transaction.",
    examples: [
      'assay task publish-pool 1 --pool digits/pool.safetensors --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  const withFiles = withKey(command).requiredOption('--pool <file>', "the task's held-out pool")
  withStore(withFiles, 'blob server where everybody finds the pool').action(publish)
}

/** `assay task fetch-pool <task>` */
export function addFetchPool(task: Command): void {
  const command = addVerb(task, {
    usage: 'fetch-pool <task>',
    summary: 'Fetch the held-out pool of a task, once somebody has published it.',
    details:
      'It is checked against its root, whoever published it. A round was judged by the pool that the task named when it opened: assay task show tells the last one, the events of Rounds the others. No key is needed.',
    examples: ['assay task fetch-pool 1 --out pool.safetensors --store-url http://127.0.0.1:8080'],
  })
  const withFiles = withChain(command)
    .requiredOption('--out <file>', 'where the pool goes')
    .option('--root <root>', 'which pool, if the task has had several (default: the last)', parseRoot)
  withStore(withFiles, 'blob server that has the pool').action(fetchPublished)
}

function parseRoot(text: string): Hash {
  if (/^0x[0-9a-f]{64}$/.test(text)) return text as Hash
  throw new CliError(
    'usage',
    `--root "${plainText(text)}" is not the root of a pool.`,
    'Give 0x and 64 lowercase hexadecimal digits.',
  )
}

async function publish(task: string, options: PublishOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const locations = storesOf(options)
  const client = await clientOf(options)
  const account = client.wallet.account as LocalAccount
  const state = await readTask(client, { taskId })
  await requireAuthor(client, state, account.address)
  await requireOver(client, state)
  // Loaded only here: the other verbs start faster without an engine.
  const { openPackageStores } = await import('../publish-package.ts')
  const { readOnePool } = await import('../read-package.ts')
  const store = await openPackageStores(locations, { account, taskId })
  const spec = await fetchSpec(store, state.params.specHash)
  const { pool, root } = await readOnePool(options.pool, spec, await readPoolRoots(client, { taskId }))
  const bytes = writePool(pool, spec)
  const blob = await store.put(bytes)
  const key = poolKeyOf(placeOf(state, root, account.address))
  const record = { blob, sizeBytes: bytes.length, encryptedKey: '0x' } as const
  await store.putRecord(key, await signEncryptedBlob(key, record, account))
  const text = `The held-out pool ${root} of task ${taskId} is published: assay task fetch-pool ${taskId} --root ${root} --out <file>`
  print({ data: { taskId, poolRoot: root, blob }, text }, options.json)
}

async function requireAuthor(
  reader: AssayReader,
  { taskId, owner }: TaskState,
  account: Address,
): Promise<void> {
  if (owner === account || (await readEncryptionKeys(reader, { taskId })).has(account)) return
  throw new CliError(
    'failed',
    `${account} is neither the owner of task ${taskId} nor one of its validators.`,
    'They publish the pool: readers look for what they have signed.',
  )
}

async function requireOver(reader: AssayReader, { taskId, closed, params }: TaskState): Promise<void> {
  const { phase, round } = await readRound(reader, { taskId })
  if (phase === 'Idle' && (closed || round >= params.maxRounds)) return
  const still =
    phase === 'Idle' ? `${params.maxRounds - round} rounds can still open` : `round ${round} is open`
  throw new CliError(
    'failed',
    `Task ${taskId} is not over: ${still}. With the pool, contributors could train on what judges them.`,
    'Publish it after the last round, or once the task is closed and its open round has ended.',
  )
}

function placeOf({ params }: TaskState, poolRoot: Hash, author: Address) {
  return { specHash: params.specHash, poolRoot, reader: 'everybody', author } as const
}

async function fetchPublished(task: string, options: FetchOptions): Promise<void> {
  const taskId = parseTaskId(task)
  const locations = storesOf(options)
  const reader = await readerOf(options)
  const state = await readTask(reader, { taskId })
  const { openStores } = await import('@assay/store/open-store.ts')
  const store = await openStores(locations)
  const spec = await fetchSpec(store, state.params.specHash)
  const authors = [state.owner, ...(await readEncryptionKeys(reader, { taskId })).keys()]
  const root = options.root ?? (await readPool(reader, { taskId })).poolRoot
  const found = await firstPool(store, { state, spec, root }, authors)
  if (found === undefined) {
    throw new CliError(
      'failed',
      `Nobody has published the held-out pool of task ${taskId} here.`,
      'Its owner or one of its validators can, once the task is over: assay task publish-pool.',
    )
  }
  await writeWholeFile(options.out, writePool(found.pool, spec))
  const data = { taskId, poolRoot: root, samples: found.pool.samples.n, author: found.author }
  print({ data, text: `${options.out}: ${data.samples} samples, published by ${found.author}` }, options.json)
}

/** The pool that the first author published rightly. What is wrong with another's record or blob keeps nobody from it. */
async function firstPool(
  store: BlobStore,
  { state, spec, root }: { state: TaskState; spec: TaskSpec; root: Hash },
  authors: readonly Address[],
): Promise<{ pool: Pool; author: Address } | undefined> {
  const limit = maxPoolBlobBytes()
  let unread: StoreError | undefined
  for (const author of authors) {
    try {
      const record = await fetchPoolRecord(store, placeOf(state, root, author))
      if (record === undefined || record.sizeBytes > limit) continue
      const bytes = await store.get(record.blob, { maxBytes: record.sizeBytes })
      return { pool: parsePool(bytes, spec, root), author }
    } catch (error) {
      if (error instanceof StoreError) unread = error.code === 'unavailable' ? error : unread
      else if (!(error instanceof EngineRefusal)) throw error
    }
  }
  if (unread !== undefined) throw unread
  return undefined
}
