/** One round's work of a contributor, without a daemon: trained, committed to, opened, shown. */
import { blobHash } from '@assay/engine/hash.ts'
import { joined } from '@assay/engine/package/pieces.ts'
import { type State, stateHash, stateProof, stateRoot } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { trainWindows } from '@assay/engine/run/train.ts'
import { updateFile } from '@assay/engine/run/update.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { type Opening, signOpening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import type { LabContributor } from './contributor.ts'
import { type CpuMeter, openCpuMeter } from './cpu.ts'
import { CHAIN_ID, ROUNDS, TASK_ID } from './deployment.ts'

/** What a round's work starts from. */
export type WorkGround = {
  contents: TaskPackage
  engine: Engine
  round: number
  isLastRound: boolean
  base: State
  baseModelHash: Hash
  /** The base model of the round before. */
  previousBase: State | undefined
  previousBeacon: Hash
}

export type Work = {
  ground: WorkGround
  contributor: LabContributor
  batchSeed: Hash
  stateHashes: Hash[]
  opening: Opening
  commitment: Hash
  /** What takes much memory: kept until the round is over, see {@link letGo}. */
  made: { trace: readonly State[]; blob: Uint8Array } | undefined
}

/**
 * Trains, or does what the behaviour does instead, and commits to it.
 *
 * @param meters honest training counts apart from what is hashed and committed to; what attackers do besides counts nowhere
 * @returns undefined if the behaviour has nothing to submit
 */
export async function doWork(
  ground: WorkGround,
  contributor: LabContributor,
  meters: { training: CpuMeter; overhead: CpuMeter },
): Promise<Work | undefined> {
  const trace = await traceOf(ground, contributor, meters.training)
  if (trace === undefined) return undefined
  return meters.overhead.during(async () => commitTo(ground, contributor, trace))
}

async function traceOf(
  ground: WorkGround,
  contributor: LabContributor,
  training: CpuMeter = openCpuMeter(),
): Promise<State[] | undefined> {
  const { contents, engine, round, isLastRound, base, previousBase } = ground
  const { data, account, behaviour } = contributor
  const seed = batchSeedOf(ground, contributor)
  const honest = () => training.during(() => statesOf({ engine, base, data, round, batchSeed: seed }))
  if (behaviour.train === undefined) return honest()
  const work = {
    taskId: TASK_ID,
    round,
    isLastRound,
    contributor: account.address,
    contents,
    engine: async () => engine,
    data,
    base,
    previousBase: async () => previousBase,
    batchSeed: seed,
    blocksSinceStart: 1,
  }
  const trace = await behaviour.train(work, honest)
  return trace && allOf(trace)
}

async function statesOf(options: Parameters<typeof trainWindows>[0]): Promise<State[]> {
  const states: State[] = []
  for await (const { state } of trainWindows(options)) states.push(state)
  return states
}

async function allOf(trace: Iterable<State> | AsyncIterable<State>): Promise<State[]> {
  const states: State[] = []
  for await (const state of trace) states.push(state)
  return states
}

function batchSeedOf({ previousBeacon, round }: WorkGround, { account }: LabContributor): Hash {
  return batchSeed({ previousBeacon, taskId: TASK_ID, round, contributor: account.address })
}

function commitTo(ground: WorkGround, contributor: LabContributor, trace: readonly State[]): Work {
  const { contents, round, baseModelHash } = ground
  const { spec } = contents
  const { account, behaviour, dataRoot, secret } = contributor
  const final = trace.at(-1)!
  const stateHashes = trace.map((state) => stateHash(spec, state))
  const own = joined(updateFile(spec, final).pieces())
  const blob = behaviour.blob?.(own) ?? own
  const last = stateHashes.length - 1
  const opening: Opening = {
    chainId: CHAIN_ID,
    rounds: ROUNDS,
    taskId: TASK_ID,
    round,
    contributor: account.address,
    baseModelHash,
    updateHash: blobHash(blob),
    stateRoot: stateRoot(stateHashes),
    steps: spec.steps,
    dataRoot,
    salt: deriveSeed(secret, 'commitment', BigInt(round)),
    updateSizeBytes: blob.length,
    finalState: { stateHash: stateHashes[last]!, proof: stateProof(stateHashes, last) },
  }
  return {
    ground,
    contributor,
    batchSeed: batchSeedOf(ground, contributor),
    stateHashes,
    opening,
    commitment: submissionCommitment(opening),
    made: { trace, blob },
  }
}

/** The states at the window borders; once they were let go, they are made again. */
export async function bordersOf({ made, ground, contributor }: Work): Promise<readonly State[]> {
  const trace = made?.trace ?? (await traceOf(ground, contributor))
  if (trace !== undefined) return trace
  throw new Error(`${contributor.account.address} has no trace of round ${ground.round} any more`)
}

/** Frees the memory of a work whose round is over. */
export function letGo(work: Work): void {
  work.made = undefined
}

/** Publishes the opening, and the blob while it is there: of a held round nobody asks for that. */
export async function openWork(store: BlobStore, work: Work): Promise<void> {
  const { made, commitment, opening, contributor } = work
  if (made !== undefined) await store.put(made.blob)
  await store.putRecord(openingKey(commitment), await signOpening(opening, contributor.account))
}
