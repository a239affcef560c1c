import type { Workbench } from '@assay/daemon/workbench.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { modelFileHash, serializeModel, startState } from '@assay/engine/package/model.ts'
import { type ModelWords, readModel, writeModel } from '@assay/engine/package/model-blob.ts'
import type { State } from '@assay/engine/package/state.ts'
import { delta, maxUpdateBytes } from '@assay/engine/run/update.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { collectLogs } from '@assay/sdk/client/logs.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, isMissing, StoreError } from '@assay/store/blob-store.ts'
import { untilAborted } from '@assay/store/deadline.ts'
import { majorityAggregates, readAggregateVotes } from './aggregate-votes.ts'
import { type AgreedAggregate, combineAggregates } from './combine-aggregates.ts'
import type { MeasureSteps } from './measure-model.ts'
import { MODELS_OF_STEPS, newSteps } from './new-steps.ts'
import { type PastRound, readPastRound } from './past-round.ts'
import { PoolMissingError } from './pool/held-out-pool.ts'
import type { RoundFacts } from './round-facts.ts'
import { readResults, resultsOf } from './settled-results.ts'

/** Number of models kept in memory: those before and after the last global steps, and the next one. */
const KEPT_MODELS = MODELS_OF_STEPS + 1
/** Number of earlier rounds that are searched for the one that made a lost model. */
const SEARCHED_ROUNDS = 50

/** The facts of a round that a search for its models needs. */
export type ModelPlace = Pick<RoundFacts, 'taskId' | 'round' | 'openedBlock' | 'params' | 'committeeSize'>

/** The global models of a task, by hash. */
export type ModelShelf = {
  /**
   * A model, with the local tensors that a round starts with, from memory, package or store. A lost one is computed again from the aggregates that its round agreed on,
   * and stored.
   *
   * @param signal deadline of the reads; StoreError `unavailable` once it aborts
   * @throws ModelLostError when that isn't possible either; somebody may still publish it
   */
  load(hash: Hash, place: ModelPlace, signal?: AbortSignal): Promise<State>
  /** The blob of a model that is loaded, with its figures: what its hash is of. */
  blob(hash: Hash, place: ModelPlace, signal?: AbortSignal): Promise<Uint8Array>
  /** What makes the last global steps, at most five, oldest first. Those of lost models are left out. */
  lastGlobalSteps(place: ModelPlace, signal?: AbortSignal): Promise<(() => Float32Array)[]>
}

/** A model that is not in the store and can't be computed from its round's votes. */
export class ModelLostError extends Error {
  override readonly name = 'ModelLostError'
}

/** A model, and what its blob says of it; a task's first one says nothing. */
type Kept = { state: State; words?: ModelWords }

type Shelf = {
  reader: AssayReader
  store: BlobStore
  bench: Workbench
  /** Measures a lost model anew: its blob says how good it is. */
  measure: MeasureSteps
  kept: Map<Hash, Kept>
  signal?: AbortSignal | undefined
}
/** The base model of a round. */
type RoundStart = { round: number; baseModelHash: Hash; openedBlock: bigint }

export function openModelShelf(
  reader: AssayReader,
  store: BlobStore,
  bench: Workbench,
  measure: MeasureSteps,
): ModelShelf {
  const shelf: Shelf = { reader, store, bench, measure, kept: new Map() }
  return {
    load: (hash, place, signal) => untilAborted(signal, () => load({ ...shelf, signal }, hash, place)),
    blob: (hash, place, signal) => untilAborted(signal, () => blobOf({ ...shelf, signal }, hash, place)),
    lastGlobalSteps: (place, signal) =>
      untilAborted(signal, () => lastGlobalSteps({ ...shelf, signal }, place)),
  }
}

async function load(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<State> {
  return (await find(shelf, hash, place)).state
}

async function find(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<Kept> {
  const { kept } = shelf
  const known = kept.get(hash)
  if (known !== undefined) return known
  const found = await stored(shelf, hash, place).catch((error) => rebuildAfter(error, shelf, hash, place))
  kept.set(hash, found)
  if (kept.size > KEPT_MODELS) kept.delete(kept.keys().next().value!)
  return found
}

async function stored({ bench, store, signal }: Shelf, hash: Hash, place: ModelPlace): Promise<Kept> {
  const contents = await bench.package(place.params.specHash)
  const { spec, init } = contents
  if (modelFileHash(spec, init) === hash) return { state: init }
  const blob = await store.get(hash, { maxBytes: maxUpdateBytes(spec), signal })
  const { state, metric, cohorts } = readModel(spec, blob)
  return { state: startState(contents, state), ...(metric && cohorts && { words: { metric, cohorts } }) }
}

/** Made again from the model and its words: to keep the blobs, too, would take twice the memory. */
async function blobOf(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<Uint8Array> {
  const { spec } = await shelf.bench.package(place.params.specHash)
  const { state, words } = await find(shelf, hash, place)
  const blob = words === undefined ? serializeModel(spec, state) : writeModel(spec, state, words)
  if (blobHash(blob) === hash) return blob
  // Its seats agreed on other bytes than ours for the same model.
  return shelf.store.get(hash, { maxBytes: maxUpdateBytes(spec), signal: shelf.signal })
}

/** The model that no store gave. @param error why; it is thrown if the model can't be computed either, yet */
async function rebuildAfter(error: unknown, shelf: Shelf, hash: Hash, place: ModelPlace): Promise<Kept> {
  if (!(error instanceof StoreError)) throw error
  return rebuild(shelf, hash, place).catch((cause) => {
    throw isMissing(error) ? cause : error
  })
}

async function rebuild(shelf: Shelf, hash: Hash, place: ModelPlace): Promise<Kept> {
  const starts = await readRoundStarts(shelf.reader, place)
  const at = firstWith(starts, hash)
  const made = at < starts.length - SEARCHED_ROUNDS ? undefined : starts[at - 1]
  if (made === undefined)
    throw new ModelLostError(`The model ${hash} is not in the store, and no round made it.`)

  const contents = await shelf.bench.package(place.params.specHash)
  const { spec } = contents
  const base = await load(shelf, made.baseModelHash, place)
  const next = starts[at]!
  const span = { from: made.openedBlock, to: next.openedBlock }
  const past = { taskId: place.taskId, round: made.round, params: place.params, span }
  const aggregates = await agreedAggregates(shelf, past, place)
  const { full, cohorts } = combineAggregates({ spec, base, aggregates })
  // The seats voted for the hash of the resulting model with its words: that tells which share of the step they took.
  for (const { state, metric } of await measureAgain(shelf, past, { base, full })) {
    const blob = writeModel(spec, state, { metric, cohorts })
    if (blobHash(blob) !== hash) continue
    await shelf.store.put(blob)
    return { state: startState(contents, state), words: { metric, cohorts } }
  }
  throw new ModelLostError(
    `The model ${hash} of round ${made.round} is not in the store, and what its committees agreed on gives another.`,
  )
}

/** The aggregates that a past round's committees agreed on. @throws StoreError for one that no store has */
async function agreedAggregates(
  { bench, reader, store, signal }: Shelf,
  past: PastRound,
  { committeeSize, params }: ModelPlace,
): Promise<AgreedAggregate[]> {
  const { spec } = await bench.package(params.specHash)
  const agreed = majorityAggregates(await readAggregateVotes(reader, past), committeeSize)
  const results = await readResults(reader, past)
  const limit = { maxBytes: maxUpdateBytes(spec), signal }
  return Promise.all(
    [...agreed].map(async ([cohort, hash]) => ({
      cohort,
      blob: await store.get(hash, limit),
      results: resultsOf(results, cohort),
    })),
  )
}

/** What a round may have made of its step. @throws ModelLostError without the pool that judged the round */
async function measureAgain(
  { reader, measure, signal }: Shelf,
  past: PastRound,
  step: { base: State; full: State },
): ReturnType<MeasureSteps> {
  return measure(step, await readPastRound(reader, past), signal).catch((error) => {
    if (!(error instanceof PoolMissingError)) throw error
    throw new ModelLostError(
      `The model of round ${past.round} is not in the store, and can't be measured again: ${error.message}`,
      { cause: error },
    )
  })
}

async function lastGlobalSteps(shelf: Shelf, place: ModelPlace): Promise<(() => Float32Array)[]> {
  const { spec } = await shelf.bench.package(place.params.specHash)
  const starts = await readRoundStarts(shelf.reader, place)
  const steps: (() => Float32Array)[] = []
  for (const [from, to] of newSteps(starts.map(({ baseModelHash }) => baseModelHash))) {
    const before = await loadIfThere(shelf, starts[from]!.baseModelHash, place)
    const after = await loadIfThere(shelf, starts[to]!.baseModelHash, place)
    if (before !== undefined && after !== undefined) steps.push(() => delta(spec, before, after))
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

/** Where the first round is that trains from a model: the round before it made the model. −1 if none does. */
function firstWith(starts: readonly RoundStart[], hash: Hash): number {
  return starts.findIndex(({ baseModelHash }) => baseModelHash === hash)
}

/** The starts of this round and of all before it, in order. */
async function readRoundStarts(
  reader: AssayReader,
  { taskId, round, openedBlock }: ModelPlace,
): Promise<RoundStart[]> {
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
  return starts.slice(0, round)
}
