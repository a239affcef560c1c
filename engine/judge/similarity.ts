/**
 * Stage S2: near copies and repeated global steps. It never takes stake: near copies are one cluster with one weight, a
 * repeated global step scores nothing.
 */
import type { Hash } from '../hash.ts'
import { dot, lowerMedian, norm } from '../vector.ts'

export type SimilarUpdate = {
  id: string
  /** Place in the order of commitments: the earliest of a cluster leads it. */
  order: number
  modelHash: Hash
  /** Makes the update's delta, or its sketch; all of one length. Two at a time are in memory. */
  vector: () => Float32Array
}

export type CopyClusters = {
  /** Cosine from which two updates count as near copies this round. */
  threshold: number
  clusters: { lead: string; members: string[] }[]
}

/** Honest pairs on digits stay within 4.8 robust standard deviations of the median, in 36 rounds of three partitions. */
const SPREADS = 6
/** 1.4826 · median absolute deviation estimates a normal standard deviation. */
const MAD_TO_DEVIATION = 1.4826
/** Bounds of the threshold: copies under noise of 100 % and 50 % of their length have cosines 0.71 and 0.89 … */
const LOWEST_THRESHOLD = 0.7
const HIGHEST_THRESHOLD = 0.9
/** … but the threshold is at least half way from the median to 1, up to this, in case honest updates are that close. */
const HIGHEST_OF_ALL = 0.97
/** Fewer pairs have no meaningful spread. */
const FEWEST_PAIRS = 6
/** Cosine to a global step above which an update repeats it. */
const GLOBAL_STEP_THRESHOLD = 0.9
/** Most bytes of vectors that are kept while a cohort is compared. */
const MOST_KEPT_BYTES = 2 ** 26

/** The threshold for near copies, calibrated by the cohort's pairwise cosines. */
export function similarityThreshold(cosines: readonly number[]): number {
  if (cosines.length < FEWEST_PAIRS) return HIGHEST_THRESHOLD
  const centre = lowerMedian(cosines)
  const deviation = MAD_TO_DEVIATION * lowerMedian(cosines.map((value) => Math.abs(value - centre)))
  const halfWay = Math.min(HIGHEST_OF_ALL, (1 + centre) / 2)
  const highest = Math.max(HIGHEST_THRESHOLD, halfWay)
  const lowest = Math.max(LOWEST_THRESHOLD, halfWay)
  return Math.min(highest, Math.max(lowest, centre + SPREADS * deviation))
}

/**
 * Puts near copies together: updates of equal models, or with a cosine at or above the population's threshold,
 * directly or through others.
 *
 * @returns clusters in the order of their leads; members in order, the lead first.
 */
export function collapseCopies(updates: readonly SimilarUpdate[]): CopyClusters {
  const sorted = [...updates].sort((a, b) => a.order - b.order)
  const cosines = pairCosines(sorted.map(({ vector }) => vector))
  const threshold = similarityThreshold(cosines)
  const leads = sorted.map((_, i) => i)
  let pair = 0
  for (let i = 0; i < sorted.length; i++) {
    for (let j = i + 1; j < sorted.length; j++) {
      const isCopy = cosines[pair++]! >= threshold || sorted[i]!.modelHash === sorted[j]!.modelHash
      if (isCopy) join(leads, i, j)
    }
  }
  const clusters = sorted
    .map((update, i) => ({ update, members: sorted.filter((_, j) => leads[j] === i) }))
    .filter(({ members }) => members.length > 0)
    .map(({ update, members }) => ({ lead: update.id, members: members.map(({ id }) => id) }))
  return { threshold, clusters }
}

/** Of each with each after it, in order. */
function pairCosines(vectors: readonly (() => Float32Array)[]): number[] {
  const lengths = vectors.map((vector) => norm(vector()))
  return vectors.flatMap((one, i) => {
    const a = one()
    return vectors.slice(i + 1).map((other, j) => cosineOf(a, other(), lengths[i]! * lengths[i + 1 + j]!))
  })
}

/**
 * Which updates repeat one of the last global steps (new global model − old one), plain or under up to 20 % of
 * noise. Similarity to the sender's own past updates is no such sign:
 * honest consecutive updates have cosines of 0.90–0.999.
 *
 * @param vectors make the updates' deltas, or sketches
 * @param lastGlobalSteps make at most the last five, as deltas or as sketches of the same seed
 * @returns for each update, in their order, whether it does
 */
export function repeatGlobalSteps(
  vectors: readonly (() => Float32Array)[],
  lastGlobalSteps: readonly (() => Float32Array)[],
): boolean[] {
  if (lastGlobalSteps.length === 0) return vectors.map(() => false)
  const lengths = vectors.map((vector) => norm(vector()))
  const repeats = vectors.map(() => false)
  for (const make of lastGlobalSteps) {
    const step = make()
    const length = norm(step)
    for (const [i, vector] of vectors.entries())
      repeats[i] ||= cosineOf(vector(), step, lengths[i]! * length) > GLOBAL_STEP_THRESHOLD
  }
  return repeats
}

/**
 * Makers of the same vectors. Those of small models are kept once they are made, as far as all of them fit: each is compared with all
 * others. Those of large ones are made each time.
 *
 * @param bytes of one vector
 */
export function keptVectors(
  makers: readonly (() => Float32Array)[],
  bytes: number,
): readonly (() => Float32Array)[] {
  if (bytes * makers.length > MOST_KEPT_BYTES) return makers
  return makers.map((make) => {
    let made: Float32Array | undefined
    return () => {
      made ??= make()
      return made
    }
  })
}

/** @param lengths the product of both; the cosine with a zero vector is 0 */
function cosineOf(a: Float32Array, b: Float32Array, lengths: number): number {
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

/** Merges the clusters of two updates under the earlier lead. */
function join(leads: number[], i: number, j: number): void {
  const low = Math.min(leads[i]!, leads[j]!)
  const high = Math.max(leads[i]!, leads[j]!)
  for (let at = 0; at < leads.length; at++) if (leads[at] === high) leads[at] = low
}
