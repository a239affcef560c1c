/**
 * Whether the samples that a contributor shows are the held-out pool's, as they are or slightly changed.
 *
 * An exact copy has the features of a sample of the pool, whatever its label. A near copy gives itself away by how much
 * closer it is to its original than to any other sample:
 *
 *     ratio(x) = distance to the nearest sample of the pool / distance to the second nearest
 *     rank(x)  = share of the pool's own samples, near that class, whose ratio to the others is below it
 *
 * Ranks of honest samples are even, from 0 to 1. Copies have low ones: with a little noise nearly all are below a twentieth,
 * which finds a few copies among many fresh samples; with more noise their mean is low. Both bounds follow from the
 * number of samples. Distances are those of random projections: they are as telling, and cost less. The ratio has no
 * unit, so the rule needs no constant of a task.
 */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import { permutation } from '@assay/sdk/protocol/sampling.ts'
import { type Hash, sha256 } from '../hash.ts'
import { type Dataset, subset } from '../package/data.ts'

/** Coordinates of a projection; a sample with no more features than that is compared as it is. */
const WIDTH = 256
/** Cells of the projection to which each feature goes. */
const CELLS_OF_FEATURE = 4
/** Most samples of the pool that near copies are looked for among. Exact ones are looked for among all. */
const MOST_COMPARED = 10_000
/** Most samples of the pool whose own ratios are measured. */
const MOST_MEASURED = 1_000
/** Rank below which a sample is close. */
const CLOSE_RANK = 0.05
/** Fewest ratios of a class for ranks of its own. */
const FEWEST_OF_CLASS = 20
/** What honest samples may have, with skewed data too: a share of close ones, and a mean rank. */
const HONEST_SHARE = 0.1
const HONEST_RANK = 0.46
/** Standard errors beyond that, for chance. */
const ERRORS = 4
/** Standard deviation of an even rank. */
const RANK_DEVIATION = Math.sqrt(1 / 12)

/** A pool, prepared for comparisons. */
export type PoolIndex = {
  hashes: ReadonlySet<Hash>
  classes: Int32Array
  projected: Float32Array
  width: number
  project: (data: Dataset) => Float32Array
  /** Ratios of the pool's own samples, ascending, by the class of the nearest one. */
  ratios: readonly (readonly number[])[]
}

/** What a comparison found. */
export type PoolLikeness = {
  /** Distinct samples that were shown. */
  shown: number
  /** Those that are in the pool. */
  exact: number
  /** Those that are closer to one sample of the pool than honest ones mostly are. */
  close: number
  /** Close ones that honest people may have. */
  mostClose: number
  meanRank: number
  /** Mean rank that honest people have at least. */
  leastMeanRank: number
}

/** Whether shown samples are the pool's: one exact copy is enough, or too many close ones, or all are rather close. */
export function areCopies({ exact, close, mostClose, meanRank, leastMeanRank }: PoolLikeness): boolean {
  return exact > 0 || close > mostClose || meanRank < leastMeanRank
}

/** Prepares a pool. @param seed secret or not: it draws the projection */
export function indexPool(pool: Dataset, seed: Hash): PoolIndex {
  const hashes = new Set(Array.from({ length: pool.n }, (_, i) => contentHash(pool, i)))
  const compared = someOf(pool, MOST_COMPARED, deriveSeed(seed, 'compared'))
  const project = projectionOf(pool.x.length / pool.n, seed)
  const projected = project(compared)
  const width = projected.length / compared.n
  const index = { hashes, classes: compared.y, projected, width, project }
  return { ...index, ratios: ownRatios(index, compared.n) }
}

/** Compares shown samples with a pool. The same ones shown twice count once. */
export function compareWithPool(index: PoolIndex, shown: Dataset): PoolLikeness {
  const seen = new Set<Hash>()
  const distinct: number[] = []
  for (let i = 0; i < shown.n; i++) {
    const hash = contentHash(shown, i)
    if (seen.has(hash)) continue
    seen.add(hash)
    distinct.push(i)
  }
  const exact = [...seen].filter((hash) => index.hashes.has(hash)).length
  const samples = subset(shown, distinct)
  const projected = index.project(samples)
  let [close, rankSum] = [0, 0]
  for (let i = 0; i < samples.n; i++) {
    const { ratio, nearest } = nearestTwo(index, projected, i)
    const rank = rankOf(ratio, index.ratios[index.classes[nearest]!]!)
    if (rank < CLOSE_RANK) close += 1
    rankSum += rank
  }
  const bounds = { mostClose: mostCloseOf(samples.n), leastMeanRank: leastMeanRankOf(samples.n) }
  return { shown: samples.n, exact, close, meanRank: rankSum / samples.n, ...bounds }
}

/** Close samples among `n` that honest people may have. */
export function mostCloseOf(n: number): number {
  return Math.floor(n * HONEST_SHARE + ERRORS * Math.sqrt(n * HONEST_SHARE * (1 - HONEST_SHARE)))
}

/** Mean rank that `n` honest samples have at least. */
export function leastMeanRankOf(n: number): number {
  return HONEST_RANK - (ERRORS * RANK_DEVIATION) / Math.sqrt(n)
}

function contentHash({ x, n }: Dataset, i: number): Hash {
  const features = x.length / n
  // Adding zero turns −0 into 0: they are the same number.
  const values = x.slice(i * features, (i + 1) * features).map((value) => value + 0)
  return sha256(new Uint8Array(values.buffer))
}

function someOf(data: Dataset, most: number, seed: Hash): Dataset {
  if (data.n <= most) return data
  const at = permutation(data.n, seed)
  return subset(
    data,
    Array.from({ length: most }, (_, i) => at(i)),
  )
}

/** A random projection: each feature goes to four cells, with random signs. Distances keep their proportions. */
function projectionOf(features: number, seed: Hash): (data: Dataset) => Float32Array {
  if (features <= WIDTH) return ({ x }) => x
  const draws = drawIndices(deriveSeed(seed, 'projection'), features * CELLS_OF_FEATURE, 2 * WIDTH)
  return ({ x, n }) => {
    const projected = new Float32Array(n * WIDTH)
    for (let i = 0; i < n; i++)
      for (let feature = 0; feature < features; feature++) {
        const value = x[i * features + feature]!
        if (value === 0) continue
        for (let cell = 0; cell < CELLS_OF_FEATURE; cell++) {
          const draw = draws[feature * CELLS_OF_FEATURE + cell]!
          projected[i * WIDTH + (draw >> 1)]! += draw % 2 === 0 ? value : -value
        }
      }
    return projected
  }
}

type Projected = Pick<PoolIndex, 'projected' | 'width' | 'classes'>

/** The ratio of sample `i` of `queries`, and the place of the nearest sample. @param skip a place that doesn't count */
function nearestTwo(
  { projected, width, classes }: Projected,
  queries: Float32Array,
  i: number,
  skip = -1,
): { ratio: number; nearest: number } {
  let [first, second, nearest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0]
  for (let other = 0; other < classes.length; other++) {
    if (other === skip) continue
    let sum = 0
    for (let k = 0; k < width && sum < second; k++) {
      const difference = queries[i * width + k]! - projected[other * width + k]!
      sum += difference * difference
    }
    if (sum < first) [first, second, nearest] = [sum, first, other]
    else if (sum < second) second = sum
  }
  // Two equal samples in the pool, and a third: it is as close to one as to the other.
  return { ratio: second === 0 ? 1 : Math.sqrt(first / second), nearest }
}

/** The ratios of the pool's own samples, each to the others, by the nearest one's class. A rare class gets all of them. */
function ownRatios(index: Projected, n: number): number[][] {
  const all: number[] = []
  const classes = index.classes.reduce((most, label) => Math.max(most, label + 1), 0)
  const byClass = Array.from({ length: classes }, (): number[] => [])
  for (let i = 0; i < Math.min(n, MOST_MEASURED); i++) {
    const { ratio, nearest } = nearestTwo(index, index.projected, i, i)
    all.push(ratio)
    byClass[index.classes[nearest]!]!.push(ratio)
  }
  return byClass.map((own) => (own.length < FEWEST_OF_CLASS ? all : own).toSorted((a, b) => a - b))
}

/** Share of ascending ratios below one; of equal ones half. */
function rankOf(ratio: number, ratios: readonly number[]): number {
  let [below, equal] = [0, 0]
  for (const other of ratios) {
    if (other > ratio) break
    if (other < ratio) below += 1
    else equal += 1
  }
  return ratios.length === 0 ? 0.5 : (below + equal / 2) / ratios.length
}
