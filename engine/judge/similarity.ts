/**
 * Stage S2: near copies and repeated global steps. It never takes stake: near copies are one cluster with one weight, a
 * repeated global step scores nothing.
 */
import type { Hash } from '../hash.ts'
import { cosine, dot, lowerMedian, norm } from '../vector.ts'

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
    return vectors.slice(i + 1).map((other, j) => {
      const product = lengths[i]! * lengths[i + 1 + j]!
      return product === 0 ? 0 : dot(a, other()) / product
    })
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
  const repeats = vectors.map(() => false)
  for (const make of lastGlobalSteps) {
    const step = make()
    for (const [i, vector] of vectors.entries()) repeats[i] ||= cosine(vector(), step) > GLOBAL_STEP_THRESHOLD
  }
  return repeats
}

/** Merges the clusters of two updates under the earlier lead. */
function join(leads: number[], i: number, j: number): void {
  const low = Math.min(leads[i]!, leads[j]!)
  const high = Math.max(leads[i]!, leads[j]!)
  for (let at = 0; at < leads.length; at++) if (leads[at] === high) leads[at] = low
}
