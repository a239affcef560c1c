import type { Pool } from '@assay/engine/package/pool.ts'
import { MAX_SPEC_BYTES, parseTaskSpec, type TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { PoolName, PoolSeal, Sealed } from '@assay/oracle/pool/seal-pool.ts'
import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readTask, type TaskState } from '@assay/sdk/verbs/tasks/read-task.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { keccak256, type LocalAccount } from 'viem'
import { print, say } from '../answer.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { clientOf, type KeyOptions, privateKeyOf, withKey } from '../options.ts'
import { poolRootsOf } from '../pool-roots.ts'
import { repeatUntilInterrupted } from '../signals.ts'
import { storesOf, withStore } from '../store-options.ts'

interface SealOptions extends KeyOptions, StoreOptions {
  pool: string
  watch?: boolean
}

/** What sealing works with. */
type Desk = {
  client: AssayClient
  account: LocalAccount
  store: BlobStore
  task: TaskState
  spec: TaskSpec
}

/** Seconds between two looks for newcomers. */
const LOOK_EVERY_SECONDS = 12

/** `assay task seal <task>` */
export function addSeal(task: Command): void {
  const command = addVerb(task, {
    usage: 'seal <task>',
    summary: 'Seal your held-out pool to the validators that have joined. Sends no transaction.',
    details:
      "The pool is encrypted once and put into the stores, its key is encrypted to each validator. Whoever isn't one of them sees nothing of it. Sealing again changes nothing. Every oracle that has the pool seals it to those who join later, so you need not stay online once one of them has it; until then --watch goes on for newcomers.",
    examples: [
      'assay task seal 1 --pool digits/pool.safetensors --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  const withFiles = withKey(command)
    .requiredOption('--pool <file>', "the task's held-out pool, or one that you have announced")
    .option('--watch', 'go on for validators that join later, until interrupted')
  withStore(withFiles, 'blob server where validators find the pool').action(seal)
}

async function seal(task: string, options: SealOptions): Promise<void> {
  const desk = await openDesk(parseTaskId(task), options)
  const { pool, name } = await readOwnPool(options.pool, desk)
  const made = await encryptInto(desk, { name, pool, options })
  const sealed = new Map<string, Sealed>()
  const news = await sealToAll(desk, { name, seal: made }, sealed)
  if (!options.watch) return report(desk, name, [...sealed.values()], options)
  tell(news)
  await watch(async () => tell(await sealToAll(desk, { name, seal: made }, sealed)))
  report(desk, name, [...sealed.values()], options)
}

async function openDesk(taskId: bigint, options: SealOptions): Promise<Desk> {
  const locations = storesOf(options)
  const client = await clientOf(options)
  const account = client.wallet.account as LocalAccount
  const task = await readTask(client, { taskId })
  if (task.owner.toLowerCase() !== account.address.toLowerCase()) {
    throw new CliError(
      'failed',
      `Task ${taskId} belongs to ${task.owner}, not to ${account.address}.`,
      'Its owner seals the pool, and so does every oracle that has it: a validator only has to run assay oracle.',
    )
  }
  // Loaded only here: the other verbs start faster without an engine.
  const { openPackageStores } = await import('../publish-package.ts')
  const store = await openPackageStores(locations, { account, taskId })
  const spec = await fetchSpec(store, task.params.specHash)
  return { client, account, store, task, spec }
}

/** A task's task.json, from the store. @throws CliError when it isn't there */
export async function fetchSpec(store: BlobStore, specHash: Hash): Promise<TaskSpec> {
  try {
    return parseTaskSpec(await store.get(specHash, { maxBytes: MAX_SPEC_BYTES })).spec
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    throw new CliError(
      error.code === 'unavailable' ? 'tryAgain' : 'failed',
      `The task's package can't be read from the store: ${error.message}`,
      'Name the store that it was put into, with --store-url or --store-dir.',
    )
  }
}

/** The pool in the owner's file: the current one, or one that is announced. */
async function readOwnPool(
  file: string,
  { client, spec, task: { taskId, params } }: Desk,
): Promise<{ pool: Pool; name: PoolName }> {
  const { readOnePool } = await import('../read-package.ts')
  const { pool, root } = await readOnePool(file, spec, await poolRootsOf(client, taskId))
  return { pool, name: { specHash: params.specHash, poolRoot: root } }
}

/** The encrypted pool, in the stores. Its key follows from the owner's, so that it is the same blob each time. */
async function encryptInto(
  { store, spec }: Pick<Desk, 'store' | 'spec'>,
  { name, pool, options }: { name: PoolName; pool: Pool; options: KeyOptions },
): Promise<PoolSeal> {
  const { keySeedOf, oracleKeys } = await import('@assay/oracle/oracle-keys.ts')
  const { putPool } = await import('@assay/oracle/pool/seal-pool.ts')
  const keys = oracleKeys(keySeedOf(await privateKeyOf(options)))
  return putPool(store, pool, spec, keys.poolKey(name))
}

/** Puts the encrypted pool of a new task into the store, so that it needs only to be sealed. */
export async function uploadPool(
  store: BlobStore,
  { pool, spec, specHash }: { pool: Pool; spec: TaskSpec; specHash: Hash },
  options: KeyOptions,
): Promise<void> {
  const name = { specHash, poolRoot: spec.pool.root as Hash }
  await encryptInto({ store, spec }, { name, pool, options })
}

/** Seals the pool to everybody who has joined by now, and hasn't it from this run. @returns those who are new */
async function sealToAll(
  { client, account, store, task: { taskId } }: Desk,
  what: { name: PoolName; seal: PoolSeal },
  sealed: Map<string, Sealed>,
): Promise<Sealed[]> {
  const { readJoined } = await import('@assay/oracle/pool/joined.ts')
  const { sealTo } = await import('@assay/oracle/pool/seal-pool.ts')
  const idOf = (one: { validator: string; encryptionKey: Hash }) =>
    `${one.validator} ${keccak256(one.encryptionKey)}`
  const news: Sealed[] = []
  for (const one of await readJoined(client, { taskId, among: (other) => !sealed.has(idOf(other)) })) {
    const result = await sealTo({ store, account }, what, one)
    sealed.set(idOf(one), result)
    news.push(result)
  }
  return news
}

/** Repeats a look until the process is asked to end. A node or store that doesn't answer is asked again. */
function watch(look: () => Promise<void>): Promise<void> {
  return repeatUntilInterrupted(LOOK_EVERY_SECONDS, () =>
    look().catch((error) => {
      if (!isPassing(error)) throw error
      say(`Trying again: ${error.message}`)
    }),
  )
}

function isPassing(error: unknown): error is Error {
  if (error instanceof StoreError) return error.code === 'unavailable' || error.code === 'full'
  return decodeFailure(error).kind === 'transient'
}

function tell(news: readonly Sealed[]): void {
  for (const one of news) say(lineOf(one))
}

function lineOf({ validator, refusal }: Sealed): string {
  return refusal === undefined ? `Sealed to ${validator}.` : `Not sealed to ${validator}: ${refusal}`
}

/** To how many validators a task's pool is sealed, and to whom it couldn't be. */
export function sealedText(taskId: bigint, sealed: readonly Sealed[]): string {
  const pool = `The held-out pool of task ${taskId}`
  const refused = sealed.filter(({ refusal }) => refusal !== undefined)
  const count = sealed.length - refused.length
  const again = 'seal it again, or with --watch, once validators have.'
  const first =
    count > 0
      ? `${pool} is sealed to ${count} ${count === 1 ? 'validator' : 'validators'}.`
      : `${pool} is in the store, but nobody ${sealed.length === 0 ? 'has joined yet' : 'with a usable key has joined yet'}: ${again}`
  return [first, ...refused.map(lineOf)].join('\n')
}

function report({ task }: Desk, name: PoolName, sealed: readonly Sealed[], { json }: SealOptions): void {
  const { taskId } = task
  const done = sealed.filter(({ refusal }) => refusal === undefined)
  const refused = sealed.filter(({ refusal }) => refusal !== undefined)
  const data = {
    taskId,
    poolRoot: name.poolRoot,
    sealed: done.map(({ validator }) => validator),
    refused,
  }
  print({ data, text: sealedText(taskId, sealed) }, json)
}
