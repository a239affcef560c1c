/**
 * A task of federated digits without a chain, in which the last contributor but one is honest and has fresh samples, and the last one
 * has a leak. Three seats score each update, and compare what they see of it with the pool, as a committee would.
 */
import { aggregateCohort, aggregateRoot, updateWeight } from '@assay/engine/aggregate/aggregate.ts'
import { bestStep, evaluateSteps } from '@assay/engine/aggregate/model-step.ts'
import { indexPool, type PoolIndex, rankAll } from '@assay/engine/judge/pool-copies.ts'
import { type QualityScore, scoreQuality } from '@assay/engine/judge/quality.ts'
import { rarityBps } from '@assay/engine/judge/rarity.ts'
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import { windowIndices } from '@assay/engine/run/train.ts'
import { replayAssignments } from '@assay/sdk/protocol/cohorts.ts'
import { lowerMedian } from '@assay/sdk/protocol/median.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MIN_REPUTATION_BPS, nextReputation } from '@assay/sdk/protocol/reputation.ts'
import { toHex } from 'viem'
import { batchSeedOf, type DigitsEngine, honestUpdates, usualQuality } from './federation.ts'
import type { Looked, ShownWindow } from './pool-pay.ts'

const SEATS = 3
const PROVEN_WINDOWS = 6

/**
 * Plays some rounds. What seats notice changes nothing in them, so that it can be counted afterwards.
 *
 * @param options.isWatched whose drawn windows are compared with the pool: that takes time
 * @returns by round and contributor
 */
export async function playRounds(options: {
  digits: DigitsEngine
  shards: readonly Dataset[]
  seed: Hash
  rounds: number
  indexOf: (round: number) => PoolIndex
  isWatched: (contributor: number) => boolean
}): Promise<Looked[][]> {
  const { digits, shards, seed, rounds, indexOf, isWatched } = options
  const { task, engine, holdout } = digits
  let base = task.init
  let reputations = shards.map(() => MIN_REPUTATION_BPS)
  const played: Looked[][] = []
  for (let round = 0; round < rounds; round++) {
    const finals = await honestUpdates({ engine, base, shards, seed, round })
    const seats: { scores: QualityScore[]; rarities: number[] }[] = []
    for (let seat = 0; seat < SEATS; seat++) {
      const draw = (label: string, ...at: number[]) =>
        deriveSeed(seed, label, BigInt(round), BigInt(seat), ...at.map(BigInt))
      const candidates = finals.map((final, i) => ({ id: `${i}`, final, personalSeed: draw('personal', i) }))
      const judged = { engine, base, holdout, round: round + 1, rootSeed: draw('root'), candidates }
      const scores = await scoreQuality(judged)
      seats.push({ scores, rarities: rarityBps(scores) })
    }
    const looked = shards.map((shard, i) => ({
      qualitiesBps: seats.map(({ scores }) => scores[i]!.qualityBps ?? usualQuality(reputations[i]!)),
      raritiesBps: seats.map(({ rarities }) => rarities[i]!),
      windows: isWatched(i)
        ? windowsShown(digits, shard, { seed, round, contributor: i }).map((places) =>
            rankEach(indexOf(round), shard, places),
          )
        : [],
    }))
    played.push(looked)
    const qualities = looked.map(({ qualitiesBps }) => lowerMedian(qualitiesBps))
    reputations = qualities.map((qualityBps, i) => nextReputation(reputations[i]!, qualityBps))
    const members = finals.map((final, i) => ({
      final,
      weight: updateWeight({
        provenWindows: PROVEN_WINDOWS,
        qualityBps: qualities[i]!,
        reputationBps: reputations[i]!,
        dataUnits: shards[i]!.n,
      }),
    }))
    const { blob } = aggregateCohort({ spec: task.spec, base, members })
    const full = aggregateRoot({ spec: task.spec, base, cohorts: [blob] })
    base = bestStep(await evaluateSteps({ engine, holdout, base, full })).state
  }
  return played
}

/** The pool's index as the oracle draws it that sits there in a round: in every round another one. Each is made once. */
export function indexesOf(
  { holdout, task: { spec } }: DigitsEngine,
  seed: Hash,
): (round: number) => PoolIndex {
  const made = new Map<number, PoolIndex>()
  return (round) => {
    const drawn = { seed: deriveSeed(seed, 'beacon', BigInt(round)), spec }
    const index = made.get(round) ?? indexPool(holdout, drawn)
    made.set(round, index)
    return index
  }
}

function rankEach(index: PoolIndex, shard: Dataset, places: readonly number[]): ShownWindow {
  return new Map(places.map((place) => [place, rankAll(index, subset(shard, [place]))]))
}

/** Places of the samples in the windows that the beacon draws of an update, in the order in which seats get them. */
function windowsShown(
  { task: { spec } }: DigitsEngine,
  shard: Dataset,
  { seed, round, contributor }: { seed: Hash; round: number; contributor: number },
): number[][] {
  const drawn = replayAssignments({
    beacon: deriveSeed(seed, 'beacon', BigInt(round)),
    contributor: toHex(contributor + 1, { size: 20 }),
    windowsDrawn: spec.replayWindows,
    totalWindows: spec.steps / spec.commitEvery,
    seatCount: SEATS,
  })
  const batchSeed = batchSeedOf(seed, round, contributor)
  return drawn.map(({ window }) => [...new Set(windowIndices(spec, batchSeed, window, shard.n).flat())])
}
