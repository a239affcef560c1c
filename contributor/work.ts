import { modelOf } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import { trainWindows } from '@assay/engine/run/train.ts'
import { demandUsable, updateFile } from '@assay/engine/run/update.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { batchSeed } from '@assay/sdk/protocol/sampling.ts'
import { fetchModel } from './base-model.ts'
import type { TrainingWork } from './behaviour.ts'
import type { ContributorContext } from './contributor-context.ts'
import { unlessItDiverges } from './divergence.ts'
import type { WrittenTrace } from './trace-file.ts'
import type { NewWork, Work } from './work-log.ts'

/** What fixes a round's training, besides the contributor's own data. */
export type Basis = Pick<Work, 'round' | 'baseModelHash' | 'previousBeacon'>

/**
 * The round's work: from the database, or trained now and recorded before anything of it is published.
 *
 * @param blocksSinceStart blocks since the round started, for behaviours that wait
 * @returns undefined while the base model isn't available, the behaviour has no trace yet, or training diverges
 */
export async function ensureWork(
  context: ContributorContext,
  basis: Basis,
  blocksSinceStart: number,
): Promise<Work | undefined> {
  const { works, config, log } = context
  const kept = works
    .works(config.taskId, basis.round)
    .find(
      ({ baseModelHash, previousBeacon }) =>
        baseModelHash === basis.baseModelHash && previousBeacon === basis.previousBeacon,
    )
  if (kept) return kept

  const trace = await unlessItDiverges(context, basis, () => writeTrace(context, basis, blocksSinceStart))
  if (!trace) return undefined
  const recorded = works.record(await commitTo(context, basis, trace))
  await context.traces.keepNewest(works.newestRoots(config.taskId))
  log.info({ round: basis.round, commitment: recorded.commitment }, 'trained')
  return recorded
}

/** The state at a window border of a work: from its file, or trained again. */
export async function borderOf(context: ContributorContext, work: Work, border: number): Promise<State> {
  const { spec } = await contentsOf(context)
  const kept = await context.traces.read(work, spec, border)
  if (kept) return kept

  const { config, works, traces, log } = context
  if (config.trainer !== undefined)
    throw new Error(
      `the states of round ${work.round} are no longer on disk, and what --trainer trains need not end in the same bits again. Restore ${config.dataDir}/traces.`,
    )
  log.info({ round: work.round }, 'the trace is no longer on disk, training again')
  const trace = await writeTrace(context, work, Number.MAX_SAFE_INTEGER)
  const repeated = trace?.stateRoot === work.stateRoot ? await traces.read(work, spec, border) : undefined
  if (repeated) return repeated
  // What came instead is nobody's.
  await traces.keepNewest(works.newestRoots(config.taskId))
  throw new Error(
    `the training of round ${work.round} cannot be repeated: its base model is gone, or the task package, the samples, what trains or the version of Assay changed. Restore ${config.dataDir}/traces, and use the version that trained it.`,
  )
}

/** Trains from the basis, or does what the behaviour does instead, and writes each state to disk as it comes. */
async function writeTrace(
  context: ContributorContext,
  basis: Basis,
  blocksSinceStart: number,
): Promise<WrittenTrace | undefined> {
  const base = await fetchModel(context, basis.baseModelHash)
  if (!base) {
    if (context.told.isNews('base model', basis.baseModelHash))
      context.log.warn(
        { round: basis.round, model: basis.baseModelHash },
        "waiting for the base model: it is not in the store yet, the round's validators have to put it there",
      )
    return undefined
  }
  const work = await trainingWork(context, basis, base, blocksSinceStart)
  try {
    const trace = context.behaviour.train
      ? await context.behaviour.train(work, () => context.meanwhile(allOf(honest(work))))
      : honest(work)
    return trace && (await context.meanwhile(context.traces.write(work.contents.spec, trace)))
  } catch (error) {
    // A sandbox that ran out of time or memory has ended; the next attempt gets a new one.
    await context.bench.discardEngine()
    throw error
  }
}

async function* honest({
  contents,
  engine,
  base,
  data,
  round,
  batchSeed,
}: TrainingWork): AsyncGenerator<State> {
  let final = base
  for await (const { state } of trainWindows({ engine: await engine(), base, data, round, batchSeed })) {
    final = state
    yield state
  }
  // What gate S1 refuses isn't worth a submission.
  demandUsable(modelOf(contents.spec, final))
}

async function allOf(trace: AsyncIterable<State>): Promise<State[]> {
  const states: State[] = []
  for await (const state of trace) states.push(state)
  return states
}

async function trainingWork(
  context: ContributorContext,
  basis: Basis,
  base: State,
  blocksSinceStart: number,
): Promise<TrainingWork> {
  const { config, account, params, bench, works } = context
  const { round, previousBeacon, baseModelHash } = basis
  const place = { taskId: config.taskId, round, contributor: account.address }
  return {
    ...place,
    isLastRound: round >= params.maxRounds,
    contents: await contentsOf(context),
    engine: () => bench.engine(params.specHash),
    data: (await context.data()).dataset,
    base,
    previousBase: async () => {
      const earlier = works.lastBaseBefore({ ...place, baseModelHash })
      return earlier && fetchModel(context, earlier)
    },
    batchSeed: batchSeed({ ...place, round: BigInt(round), previousBeacon }),
    blocksSinceStart,
  }
}

/** Computes the commitment to a trace, and everything it is made of. */
async function commitTo(
  context: ContributorContext,
  basis: Basis,
  { stateHashes, stateRoot, final }: WrittenTrace,
): Promise<NewWork> {
  const { config, account, secrets, reader } = context
  const { taskId } = config
  const { round, baseModelHash, previousBeacon } = basis
  const { spec } = await contentsOf(context)
  const content = {
    updateHash: updateFile(spec, final).hash,
    stateRoot,
    steps: spec.steps,
    dataRoot: (await context.data()).root,
  }
  const salt = secrets.commitment(taskId, round, content.stateRoot)
  const { chainId, contracts } = reader.deployment
  const commitment = submissionCommitment({
    chainId,
    rounds: contracts.rounds,
    taskId,
    round,
    contributor: account.address,
    baseModelHash,
    ...content,
    salt,
  })
  return { taskId, round, baseModelHash, previousBeacon, stateHashes, ...content, salt, commitment }
}

function contentsOf({ bench, params }: ContributorContext) {
  return bench.package(params.specHash)
}
