/**
 * Stage S2: near copies and repeated global steps. It never takes stake: near copies are one cluster with one weight, a
 * repeated global step scores nothing.
 */
import type { Hash } from './hash.ts'
import { cosine, lowerMedian } from './vector.ts'

export type SimilarUpdate = {
  id: string
  /** Place in the order of commitments: the earliest of a cluster leads it. */
  order: number
  stateHash: Hash
  /** The update's delta, or its sketch; all of one length. */
  vector: Float32Array
}

export type CopyClusters = {
  /** Cosine from which two updates count as near copies this round. */
  threshold: number
  clusters: { lead: string; members: string[] }[]
}

/** Honest updates of one round lie below median + this many robust standard deviations of all pairs' cosines. */
const SPREADS = 8
/** 1.4826 · median absolute deviation estimates a normal standard deviation. */
const MAD_TO_DEVIATION = 1.4826
/** The threshold never falls below this, so that honest updates of similar data aren't collapsed … */
const LOWEST_THRESHOLD = 0.8
/** … nor rises above this: a copy under 20 % of noise (cosine 0.98) is a copy in any population. */
const HIGHEST_THRESHOLD = 0.97
/** Cosine to a global step above which an update repeats it. */
const GLOBAL_STEP_THRESHOLD = 0.9

/** The near-copy threshold that this population of pairwise cosines calibrates; the highest one without pairs. */
export function similarityThreshold(cosines: readonly number[]): number {
  if (cosines.length === 0) return HIGHEST_THRESHOLD
  const centre = lowerMedian(cosines)
  const deviation = MAD_TO_DEVIATION * lowerMedian(cosines.map((value) => Math.abs(value - centre)))
  return Math.min(HIGHEST_THRESHOLD, Math.max(LOWEST_THRESHOLD, centre + SPREADS * deviation))
}

/**
 * Puts near copies together: updates of equal state hash, or with a cosine at or above the population's threshold,
 * directly or through others.
 *
 * @returns clusters in the order of their leads; members in order, the lead first.
 */
export function collapseCopies(updates: readonly SimilarUpdate[]): CopyClusters {
  const sorted = [...updates].sort((a, b) => a.order - b.order)
  const cosines = sorted.flatMap((a, i) => sorted.slice(i + 1).map((b) => cosine(a.vector, b.vector)))
  const threshold = similarityThreshold(cosines)
  const leads = sorted.map((_, i) => i)
  let pair = 0
  for (let i = 0; i < sorted.length; i++) {
    for (let j = i + 1; j < sorted.length; j++) {
      const isCopy = cosines[pair++]! >= threshold || sorted[i]!.stateHash === sorted[j]!.stateHash
      if (isCopy) join(leads, i, j)
    }
  }
  const clusters = sorted
    .map((update, i) => ({ update, members: sorted.filter((_, j) => leads[j] === i) }))
    .filter(({ members }) => members.length > 0)
    .map(({ update, members }) => ({ lead: update.id, members: members.map(({ id }) => id) }))
  return { threshold, clusters }
}

/**
 * Whether an update repeats one of the last global steps (new global model − old one), plain or under up to 20 % of
 * noise. A sender's own past rounds are no such sign: honest consecutive updates have cosines of 0.90–0.999.
 *
 * @param lastGlobalSteps at most the last five, as deltas or as sketches of the same seed as `vector`.
 */
export function repeatsGlobalStep(vector: Float32Array, lastGlobalSteps: readonly Float32Array[]): boolean {
  return lastGlobalSteps.some((step) => cosine(vector, step) > GLOBAL_STEP_THRESHOLD)
}

/** Merges the clusters of two updates under the earlier lead. */
function join(leads: number[], i: number, j: number): void {
  const low = Math.min(leads[i]!, leads[j]!)
  const high = Math.max(leads[i]!, leads[j]!)
  for (let at = 0; at < leads.length; at++) if (leads[at] === high) leads[at] = low
}
