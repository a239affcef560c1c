import type { State } from '@assay/engine/state.ts'
import type { TaskPackage } from '@assay/engine/task-contents.ts'
import type { Workbench } from '@assay/engine/workbench.ts'
import type { AssayReader } from '@assay/sdk/clients.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { logsInRanges } from '@assay/sdk/logs.ts'
import type { Hash } from '@assay/sdk/random.ts'
import { type BlobStore, isMissing } from '@assay/store/blob-store.ts'
import { majorityAggregates, readAggregateVotes } from './aggregate-votes.ts'
import type { RoundFacts } from './round-facts.ts'

/** Global steps to which updates are compared. */
const REMEMBERED_STEPS = 5
/** Models kept in memory: the ones around those steps. */
const KEPT_MODELS = REMEMBERED_STEPS + 2

/** The global models of a task, by hash. */
export type ModelShelf = {
  /**
   * A model, from memory, package or store; a lost one is put together again from what its round agreed on.
   *
   * @throws Error when it is nowhere to be had: worth another try later
   */
  load(hash: Hash, facts: RoundFacts): Promise<State>
  /** Differences of the models of the last rounds, at most five, oldest first; those that are lost are left out. */
  lastGlobalSteps(facts: RoundFacts): Promise<Float32Array[]>
}

/** A model that neither the store nor the votes of its round can give back. */
export class ModelLostError extends Error {
  override readonly name = 'ModelLostError'
}

/** Rounds to look back for the one that made a lost model. */
const SEARCHED_ROUNDS = 50

type Opening = { round: number; baseModelHash: Hash }

export function openModelShelf(reader: AssayReader, store: BlobStore, bench: Workbench): ModelShelf {
  const kept = new Map<Hash, State>()

  const load = async (hash: Hash, facts: RoundFacts): Promise<State> => {
    const known = kept.get(hash)
    if (known !== undefined) return known
    const contents = await bench.package(facts.params.specHash)
    const state = (await stored(store, contents, hash)) ?? (await rebuild(hash, contents, facts))
    kept.set(hash, state)
    if (kept.size > KEPT_MODELS) kept.delete(kept.keys().next().value!)
    return state
  }

  const rebuild = async (hash: Hash, contents: TaskPackage, facts: RoundFacts): Promise<State> => {
    const openings = await readOpenings(reader, facts, SEARCHED_ROUNDS)
    const made = openings.findLast(
      (opening, i) => openings[i + 1]?.baseModelHash === hash && opening.baseModelHash !== hash,
    )
    if (made === undefined)
      throw new ModelLostError(`the model ${hash} is not in the store, and no round made it`)

    const base = await load(made.baseModelHash, facts)
    const votes = await readAggregateVotes(reader, { taskId: facts.taskId, round: made.round })
    const blobs = await fetchCohortBlobs(store, contents, [
      ...majorityAggregates(votes, facts.committeeSize).values(),
    ])
    const { aggregateRoot } = await import('@assay/engine/aggregate.ts')
    const { serializeState } = await import('@assay/engine/state.ts')
    const { blobHash } = await import('@assay/engine/hash.ts')
    const state = aggregateRoot({ spec: contents.spec, base, cohorts: blobs })
    const bytes = serializeState(contents.spec, state)
    if (blobHash(bytes) !== hash)
      throw new ModelLostError(
        `the model ${hash} of round ${made.round} is not in the store and can't be put together again`,
      )
    await store.put(bytes)
    return state
  }

  const lastGlobalSteps = async (facts: RoundFacts): Promise<Float32Array[]> => {
    const { spec } = await bench.package(facts.params.specHash)
    const recent = await readOpenings(reader, facts, REMEMBERED_STEPS)
    const { delta } = await import('@assay/engine/update.ts')
    const steps: Float32Array[] = []
    for (const [i, { baseModelHash }] of recent.entries()) {
      const next = recent[i + 1]?.baseModelHash
      if (next === undefined || next === baseModelHash) continue
      const before = await loadIfThere(load, baseModelHash, facts)
      const after = await loadIfThere(load, next, facts)
      if (before !== undefined && after !== undefined) steps.push(delta(spec, before, after))
    }
    return steps
  }

  return { load, lastGlobalSteps }
}

/** The blobs of cohorts' aggregates, each checked by its hash. */
export async function fetchCohortBlobs(
  store: BlobStore,
  { spec }: TaskPackage,
  hashes: readonly Hash[],
): Promise<Uint8Array[]> {
  const { maxStateBytes } = await import('@assay/engine/state.ts')
  return Promise.all(hashes.map((hash) => store.get(hash, { maxBytes: maxStateBytes(spec) })))
}

async function stored(store: BlobStore, contents: TaskPackage, hash: Hash): Promise<State | undefined> {
  const { parseState, serializeState } = await import('@assay/engine/state.ts')
  const { blobHash } = await import('@assay/engine/hash.ts')
  const { maxUpdateBytes } = await import('@assay/engine/update.ts')
  if (blobHash(serializeState(contents.spec, contents.init)) === hash) return contents.init
  try {
    return parseState(contents.spec, await store.get(hash, { maxBytes: maxUpdateBytes(contents.spec) }))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function loadIfThere(
  load: ModelShelf['load'],
  hash: Hash,
  facts: RoundFacts,
): Promise<State | undefined> {
  try {
    return await load(hash, facts)
  } catch (error) {
    if (isMissing(error) || error instanceof ModelLostError) return undefined
    throw error
  }
}

/** The openings of this round and of at most `back` rounds before it, in order. */
async function readOpenings(
  reader: AssayReader,
  { taskId, round, openedBlock }: RoundFacts,
  back: number,
): Promise<Opening[]> {
  const first = Math.max(1, round - back)
  const rounds = Array.from({ length: round - first + 1 }, (_, i) => first + i)
  const logs = await logsInRanges(
    (fromBlock, toBlock) =>
      reader.chain.getContractEvents({
        address: reader.deployment.contracts.rounds,
        abi: iRoundsAbi,
        eventName: 'RoundOpened',
        args: { taskId, round: rounds },
        strict: true,
        fromBlock,
        toBlock,
      }),
    { from: BigInt(reader.deployment.startBlock), to: openedBlock },
  )
  return logs.map(({ args }) => ({
    round: args.round,
    baseModelHash: args.baseModelHash,
  }))
}
