/**
 * The same work on any machine must give the same bits: training, replay, evaluation, scores, sketches, aggregation.
 * Run as a program, prints one JSON object of hashes; tests run it under other Nodes and CPUs and compare.
 */
import { drawIndices } from '@assay/sdk/protocol/random.ts'
import { aggregateCohort, aggregateRoot } from '../aggregate/aggregate.ts'
import { bestStep, evaluateSteps, partOfStep } from '../aggregate/model-step.ts'
import { blobs, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import type { Hash } from '../hash.ts'
import { blobHash, rawBytes, sha256 } from '../hash.ts'
import { scoreQuality } from '../judge/quality.ts'
import { rarityBps } from '../judge/rarity.ts'
import { robustFlags } from '../judge/robust.ts'
import { collapseCopies } from '../judge/similarity.ts'
import { sketchDelta } from '../judge/sketch.ts'
import type { Dataset } from '../package/data.ts'
import { dataRoot } from '../package/data.ts'
import { stateHash } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { evaluateDataset, sampleLosses } from '../run/evaluate.ts'
import { checkWindowEvidence, makeWindowEvidence } from '../run/evidence.ts'
import type { Engine } from '../run/runner.ts'
import { type Training, train } from '../run/train.ts'
import { delta } from '../run/update.ts'
import { openEngine } from './session.ts'

const CONTRIBUTORS = 5
const WINDOW = 2
const WIDE_FEATURES = 784
const WIDE_CLASSES = 10

type Round = { task: TaskPackage; engine: Engine; shards: Dataset[]; seeds: Hash[]; trainings: Training[] }

/** Hashes of one small round, by what was computed. */
export async function workHashes(): Promise<Record<string, string>> {
  const round = await trainedRound()
  const { engine, task, trainings } = round
  const hashes = {
    task: task.specHash,
    train: sha256(...trainings.map(({ stateRoot }) => new TextEncoder().encode(stateRoot))),
    losses: textHash(trainings.map(({ losses }) => losses)),
    ...(await replayHashes(round)),
    ...(await judgementHashes(round)),
    wide: await wideTraining(),
  }
  await engine.close()
  return hashes
}

async function trainedRound(): Promise<Round> {
  const task = await smallPackage({
    hidden: [33, 17],
    steps: 40,
    commitEvery: 10,
    batchSize: 7,
    rootSteps: 31,
  })
  const engine = await openEngine(task)
  const shards = Array.from({ length: CONTRIBUTORS }, (_, i) => blobs(60 + i, seedOf('shard', BigInt(i))))
  const seeds = shards.map((_, i) => seedOf('batches', BigInt(i)))
  const trainings: Training[] = []
  for (const [i, data] of shards.entries()) {
    trainings.push(await train({ engine, base: task.init, data, batchSeed: seeds[i]! }))
  }
  return { task, engine, shards, seeds, trainings }
}

async function replayHashes({
  task,
  engine,
  shards,
  seeds,
  trainings,
}: Round): Promise<Record<string, string>> {
  const { spec, init } = task
  const [data, batchSeed, training] = [shards[0]!, seeds[0]!, trainings[0]!]
  const secret = seedOf('secret')
  const evidence = makeWindowEvidence({
    spec,
    window: WINDOW,
    stateHashes: training.stateHashes,
    stateBefore: training.borders[WINDOW]!,
    data,
    secret,
    batchSeed,
  })
  const verdict = await checkWindowEvidence({
    engine,
    evidence,
    window: WINDOW,
    stateRoot: training.stateRoot,
    dataRoot: dataRoot(data, secret),
    sampleCount: data.n,
    batchSeed,
    baseStateHash: stateHash(spec, init),
    finalStateHash: stateHash(spec, training.final),
  })
  return { evidence: blobHash(evidence), replay: JSON.stringify(verdict) }
}

async function judgementHashes({ task, engine, trainings }: Round): Promise<Record<string, string>> {
  const { spec, init: base, holdout } = task
  const finals = trainings.map(({ final }) => final)
  const vectors = finals.map((final) => delta(spec, base, final))
  const scores = await scoreQuality({
    engine,
    base,
    holdout,
    rootSeed: seedOf('root'),
    candidates: finals.map((final, i) => ({
      id: `${i}`,
      final,
      personalSeed: seedOf('personal', BigInt(i)),
    })),
  })
  const similar = finals.map((final, i) => ({
    id: `${i}`,
    order: i,
    stateHash: stateHash(spec, final),
    vector: sketchDelta(vectors[i]!, seedOf('sketch'), 64),
  }))
  const members = finals.map((final, i) => ({ final, weight: BigInt(1 + scores[i]!.qualityBps) }))
  const cohort = aggregateCohort({ spec, base, members })
  const next = aggregateRoot({ spec, base, cohorts: [cohort.blob] })
  const indices = Array.from({ length: 50 }, (_, i) => (7 * i) % holdout.n)
  const losses = await sampleLosses({ engine, state: next, data: holdout, indices })
  return {
    evaluate: sha256(rawBytes(losses)),
    step: stateHash(spec, bestStep(await evaluateSteps({ engine, holdout, base, full: next })).state),
    quarter: stateHash(spec, partOfStep(base, next, 0.25)),
    accuracy: textHash(await evaluateDataset({ engine, state: next, data: holdout })),
    quality: textHash(scores),
    rarity: textHash(rarityBps(scores)),
    similarity: textHash(collapseCopies(similar)),
    robust: textHash(robustFlags(vectors)),
    aggregate: cohort.hash,
    next: stateHash(spec, next),
  }
}

/** Training at the size of the digits task: wide products take other paths through the engine than small ones. */
async function wideTraining(): Promise<string> {
  const n = 64
  const x = Float32Array.from(drawIndices(seedOf('wide'), n * WIDE_FEATURES, 256), (draw) => draw / 255)
  const y = Int32Array.from(drawIndices(seedOf('wide labels'), n, WIDE_CLASSES))
  const data = { x, y, n }
  const task = await smallPackage({
    inputSize: WIDE_FEATURES,
    hidden: [128],
    classes: WIDE_CLASSES,
    batchSize: 32,
    evalBatchSize: 32,
    holdout: data,
  })
  const engine = await openEngine(task)
  const { stateRoot } = await train({ engine, base: task.init, data, batchSeed: seedOf('wide batches') })
  await engine.close()
  return stateRoot
}

/** Hash of a value's JSON: JavaScript prints every double so that it is read back exactly. */
function textHash(value: unknown): string {
  return sha256(new TextEncoder().encode(JSON.stringify(value)))
}

if (import.meta.main ?? process.argv[1]?.endsWith('determinism-work.ts')) {
  console.log(JSON.stringify(await workHashes()))
}
