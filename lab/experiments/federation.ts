/** Rounds of federated training of digits without a chain: what contributors and seats would compute. */
import { aggregateCohort, aggregateRoot, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import { bestStep, evaluateSteps } from '@assay/engine/aggregate/model-step.ts'
import { scoreQuality } from '@assay/engine/judge/quality.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { evaluateDataset } from '@assay/engine/run/evaluate.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { train } from '@assay/engine/run/train.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MIN_REPUTATION_BPS, nextReputation } from '@assay/sdk/protocol/reputation.ts'
import { COHORT_SIZE } from '@assay/sdk/protocol/sampling.ts'
import { type DigitsConstants, digitsTask } from '../digits.ts'

export type DigitsEngine = { task: TaskPackage; holdout: Dataset; engine: Engine }

/** Windows that every contributor counts as having proven, so that weights follow quality, reputation and data alone. */
const PROVEN_WINDOWS = 6

/** The digits task, in memory, and an engine for it. */
export async function openDigits(
  seed: Hash,
  constants: Partial<DigitsConstants> = {},
  splitSeed?: Hash,
): Promise<DigitsEngine> {
  const contents = await digitsTask({ seed, constants, splitSeed })
  const { taskJson, files } = await createTask(contents)
  const task = await assembleTaskPackage(taskJson, files)
  return { task, holdout: contents.pool.samples, engine: await openEngine(task) }
}

/** Honest updates of a round, one for each shard. */
export async function honestUpdates(options: {
  engine: Engine
  base: State
  shards: readonly Dataset[]
  seed: Hash
  round: number
}): Promise<State[]> {
  const { engine, base, shards, seed, round } = options
  const finals: State[] = []
  for (const [i, data] of shards.entries()) {
    const batchSeed = batchSeedOf(seed, round, i)
    finals.push((await train({ engine, base, data, round: round + 1, batchSeed, keepBorders: false })).final)
  }
  return finals
}

/** Seed of a contributor's batches in a round. */
export function batchSeedOf(seed: Hash, round: number, contributor: number): Hash {
  return deriveSeed(seed, 'batches', BigInt(round), BigInt(contributor))
}

/**
 * One round: train, score by one seat, aggregate by cohorts, by quality, reputation and data.
 *
 * @param options.reputationsBps ρ of each before the round; 5,000 for a newcomer
 */
export async function federatedRound(options: {
  task: TaskPackage
  holdout: Dataset
  engine: Engine
  base: State
  shards: readonly Dataset[]
  reputationsBps: readonly number[]
  seed: Hash
  round: number
}): Promise<{ next: State; reputationsBps: number[] }> {
  const { task, holdout, engine, base, shards, seed, round } = options
  const finals = await honestUpdates({ engine, base, shards, seed, round })
  const scores = await scoreQuality({
    engine,
    base,
    holdout,
    round: round + 1,
    rootSeed: deriveSeed(seed, 'root', BigInt(round)),
    candidates: finals.map((final, i) => ({
      id: String(i),
      final,
      personalSeed: deriveSeed(seed, 'personal', BigInt(round), BigInt(i)),
    })),
  })
  const qualitiesBps = scores.map(
    ({ qualityBps }, i) => qualityBps ?? usualQuality(options.reputationsBps[i]!),
  )
  const reputationsBps = qualitiesBps.map((qualityBps, i) =>
    nextReputation(options.reputationsBps[i]!, qualityBps),
  )
  const members = finals.map((final, i) => ({
    final,
    weight: updateWeight({
      provenWindows: PROVEN_WINDOWS,
      qualityBps: qualitiesBps[i]!,
      reputationBps: reputationsBps[i]!,
      dataUnits: shards[i]!.n,
    }),
  }))
  const cohorts = Array.from({ length: Math.ceil(members.length / COHORT_SIZE) }, (_, c) => {
    const cohort = members.slice(c * COHORT_SIZE, (c + 1) * COHORT_SIZE)
    return aggregateCohort({ spec: task.spec, base, members: cohort }).blob
  })
  const full = aggregateRoot({ spec: task.spec, base, cohorts })
  return {
    next: bestStep(await evaluateSteps({ engine, holdout, base, full })).state,
    reputationsBps,
  }
}

/** What stands in for the quality where nothing is decided: the average of earlier ones, which reputation is made of. */
export function usualQuality(reputationBps: number): number {
  return reputationBps - MIN_REPUTATION_BPS
}

/** Accuracy after `rounds` federated rounds. */
export async function federatedAccuracy(
  options: DigitsEngine & { shards: readonly Dataset[]; seed: Hash; rounds: number; test: Dataset },
): Promise<number> {
  const { task, engine, rounds, test } = options
  let base = task.init
  let reputationsBps = options.shards.map(() => MIN_REPUTATION_BPS)
  for (let round = 0; round < rounds; round++) {
    const played = await federatedRound({ ...options, base, round, reputationsBps })
    base = played.next
    reputationsBps = played.reputationsBps
  }
  return (await evaluateDataset({ engine, state: base, data: test })).meanMetric
}

/** Accuracy after as many sequential steps on all data in one place. */
export async function centralAccuracy(
  options: DigitsEngine & { data: Dataset; seed: Hash; rounds: number; test: Dataset },
): Promise<number> {
  const { task, engine, data, seed, rounds, test } = options
  let state = task.init
  for (let round = 0; round < rounds; round++) {
    const batchSeed = deriveSeed(seed, 'central', BigInt(round))
    state = (await train({ engine, base: state, data, round: round + 1, batchSeed, keepBorders: false }))
      .final
  }
  return (await evaluateDataset({ engine, state, data: test })).meanMetric
}
