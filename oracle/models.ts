import type { Workbench } from '@assay/daemon/workbench.ts'
import { partOfStep, STEP_SHARES } from '@assay/engine/aggregate/model-step.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { parseState, type State, serializeState } from '@assay/engine/package/state.ts'
import { delta, maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { collectLogs } from '@assay/sdk/client/logs.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { majorityAggregates, readAggregateVotes } from './aggregate-votes.ts'
import { combineAggregates } from './combine-aggregates.ts'
import type { RoundFacts } from './round-facts.ts'

/** Number of global steps that updates are compared to. */
const REMEMBERED_STEPS = 5
/** Number of models kept in memory: those before and after these steps. */
const KEPT_MODELS = REMEMBERED_STEPS + 2
/** Number of earlier rounds that are searched for the one that made a lost model. */
const SEARCHED_ROUNDS = 50

/** The facts of a round that a search for its models needs. */
export type ModelPlace = Pick<RoundFacts, 'taskId' | 'round' | 'openedBlock' | 'params' | 'committeeSize'>

/** The global models of a task, by hash. */
export type ModelShelf = {
  /**
   * A model, from memory, package or store. A lost one is computed again from the aggregates that its round agreed on,
   * and stored.
   *
   * @param signal deadline of the reads; StoreError `unavailable` once it aborts
   * @throws ModelLostError when that isn't possible either; somebody may still publish it
   */
  load(hash: Hash, place: ModelPlace, signal?: AbortSignal): Promise<State>
  /** The last global steps, at most five, oldest first. Those of lost models are left out. */
  lastGlobalSteps(place: ModelPlace, signal?: AbortSignal): Promise<Float32Array[]>
}

/** A model that is not in the store and can't be computed from its round's votes. */
export class ModelLostError extends Error {
  override readonly name = 'ModelLostError'
}

type Shelf = {
  reader: AssayReader
  store: BlobStore
  bench: Workbench
  kept: Map<Hash, State>
  signal?: AbortSignal | undefined
}
/** The base model of a round. */
type RoundStart = { round: number; baseModelHash: Hash; openedBlock: bigint }

export function openModelShelf(reader: AssayReader, store: BlobStore, bench: Workbench): ModelShelf {
  const shelf: Shelf = { reader, store, bench, kept: new Map() }
  return {
    load: (hash, place, signal) => untilAborted(signal, () => load({ ...shelf, signal }, hash, place)),
    lastGlobalSteps: (place, signal) =>
      untilAborted(signal, () => lastGlobalSteps({ ...shelf, signal }, place)),
  }
}

async function load(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<State> {
  const { kept } = shelf
  const known = kept.get(hash)
  if (known !== undefined) return known
  const state = await stored(shelf, hash, place).catch((error) => rebuildAfter(error, shelf, hash, place))
  kept.set(hash, state)
  if (kept.size > KEPT_MODELS) kept.delete(kept.keys().next().value!)
  return state
}

async function stored({ bench, store, signal }: Shelf, hash: Hash, place: ModelPlace): Promise<State> {
  const { spec, init } = await bench.package(place.params.specHash)
  if (blobHash(serializeState(spec, init)) === hash) return init
  return parseState(spec, await store.get(hash, { maxBytes: maxUpdateBytes(spec), signal }))
}

/** The model that no store gave. @param error why; it is thrown if the model can't be computed either, yet */
async function rebuildAfter(error: unknown, shelf: Shelf, hash: Hash, place: ModelPlace): Promise<State> {
  if (!(error instanceof StoreError)) throw error
  return rebuild(shelf, hash, place).catch((cause) => {
    throw isMissing(error) ? cause : error
  })
}

async function rebuild(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<State> {
  const starts = await readRoundStarts(shelf.reader, place, SEARCHED_ROUNDS)
  const made = starts.findLast(
    (start, i) => starts[i + 1]?.baseModelHash === hash && start.baseModelHash !== hash,
  )
  if (made === undefined)
    throw new ModelLostError(`The model ${hash} is not in the store, and no round made it.`)

  const { spec } = await shelf.bench.package(place.params.specHash)
  const base = await load(shelf, made.baseModelHash, place)
  const next = starts[starts.indexOf(made) + 1]!
  const span = { from: made.openedBlock, to: next.openedBlock }
  const votes = await readAggregateVotes(shelf.reader, { taskId: place.taskId, round: made.round, span })
  const agreed = majorityAggregates(votes, place.committeeSize)
  const limit = { maxBytes: maxUpdateBytes(spec), signal: shelf.signal }
  const blobs = await Promise.all([...agreed.values()].map((blob) => shelf.store.get(blob, limit)))
  const full = combineAggregates({ spec, base, blobs })
  // Finding the share of the step that the seats took needs no evaluation: they voted for the resulting model's hash.
  const candidates = STEP_SHARES.map((share) => partOfStep(base, full, share))
  const state = candidates.find((candidate) => blobHash(serializeState(spec, candidate)) === hash)
  if (state === undefined)
    throw new ModelLostError(
      `The model ${hash} of round ${made.round} is not in the store, and what its committees agreed on gives another.`,
    )
  await shelf.store.put(serializeState(spec, state))
  return state
}

async function lastGlobalSteps(shelf: Shelf, place: ModelPlace): Promise<Float32Array[]> {
  const { spec } = await shelf.bench.package(place.params.specHash)
  const recent = await readRoundStarts(shelf.reader, place, REMEMBERED_STEPS)
  const steps: Float32Array[] = []
  for (const [i, { baseModelHash }] of recent.entries()) {
    const next = recent[i + 1]?.baseModelHash
    if (next === undefined || next === baseModelHash) continue
    const before = await loadIfThere(shelf, baseModelHash, place)
    const after = await loadIfThere(shelf, next, place)
    if (before !== undefined && after !== undefined) steps.push(delta(spec, before, after))
  }
  return steps
}

async function loadIfThere(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<State | undefined> {
  try {
    return await load(shelf, hash, place)
  } catch (error) {
    if (isMissing(error) || error instanceof ModelLostError) return undefined
    throw error
  }
}

/** The starts of this round and of at most `back` rounds before it, in order. */
async function readRoundStarts(
  reader: AssayReader,
  { taskId, round, openedBlock }: ModelPlace,
  back: number,
): Promise<RoundStart[]> {
  const first = Math.max(1, round - back)
  const name = `RoundOpened/${taskId}`
  const logs = await collectLogs(
    reader,
    name,
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        address: reader.deployment.contracts.rounds,
        abi: iRoundsAbi,
        eventName: 'RoundOpened',
        args: { taskId },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(reader.deployment.startBlock), to: openedBlock },
  )
  const starts = logs.map(({ args, blockNumber }) => ({ ...args, openedBlock: blockNumber }))
  if (starts.some((start, i) => start.round !== i + 1) || starts.length < round) {
    reader.logs?.forget(name)
    throw new Error(
      `the node's log shows ${starts.length} of ${round} rounds of task ${taskId}: it lags behind`,
    )
  }
  return starts.slice(first - 1, round)
}
