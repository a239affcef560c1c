/**
 * Whether the samples that a contributor shows are the held-out pool's, as they are or slightly changed.
 *
 * An exact copy has the features of a sample of the pool, whatever its label. A near copy gives itself away by how much
 * closer it is to its original than to any other sample:
 *
 *     ratio(x) = distance to the nearest sample of the pool / distance to the second nearest
 *     close    = ratio(x) < the twentieth lowest of a hundred ratios of the pool's own samples with that class
 *
 * About a twentieth of honest samples is close, and nearly all copies with a little noise. Whether a set of shown
 * samples is too close follows from the binomial distribution. Distances are those of random projections: they are as
 * telling, and cost a tenth. The ratio has no unit, so the rule needs no constant of a task.
 */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import { permutation } from '@assay/sdk/protocol/sampling.ts'
import { type Hash, sha256 } from '../hash.ts'
import { type Dataset, subset } from '../package/data.ts'

/** Coordinates of a projection; a sample with no more features than that is compared as it is. */
const WIDTH = 64
/** Cells of the projection to which each feature goes. */
const CELLS_OF_FEATURE = 4
/** Most samples of the pool that near copies are looked for among. Exact ones are looked for among all. */
const MOST_COMPARED = 20_000
/** Most samples of the pool whose own ratios are measured. */
const MOST_MEASURED = 2_000
/** Share of the pool's own samples that count as close. */
const CLOSE_SHARE = 0.05
/** Fewest ratios of a class for a threshold of its own. */
const FEWEST_OF_CLASS = 20
/** Close samples that honest people may have: their share, and standard errors above it. Skewed data have up to 0.09. */
const HONEST_SHARE = 0.1
const ERRORS = 4

/** A pool, prepared for comparisons. */
export type PoolIndex = {
  hashes: ReadonlySet<Hash>
  classes: Int32Array
  projected: Float32Array
  width: number
  project: (data: Dataset) => Float32Array
  /** Ratio below which a sample is close, by the class of its nearest sample. */
  closeBelow: readonly number[]
}

/** What a comparison found. */
export type PoolLikeness = {
  /** Distinct samples that were shown. */
  shown: number
  /** Those that are in the pool. */
  exact: number
  /** Those that are closer to one sample of the pool than honest ones mostly are. */
  close: number
  /** Close ones that honest samples don't have. */
  mostClose: number
}

/** Whether shown samples are the pool's: one exact copy is enough, or too many close ones. */
export function areCopies({ exact, close, mostClose }: PoolLikeness): boolean {
  return exact > 0 || close > mostClose
}

/** Prepares a pool. @param seed secret or not: it draws the projection */
export function indexPool(pool: Dataset, seed: Hash): PoolIndex {
  const hashes = new Set(Array.from({ length: pool.n }, (_, i) => contentHash(pool, i)))
  const compared = someOf(pool, MOST_COMPARED, deriveSeed(seed, 'compared'))
  const project = projectionOf(pool.x.length / pool.n, seed)
  const projected = project(compared)
  const width = projected.length / compared.n
  const index = { hashes, classes: compared.y, projected, width, project }
  return { ...index, closeBelow: thresholdsOf(index, compared.n) }
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
  let close = 0
  for (let i = 0; i < samples.n; i++) {
    const { ratio, nearest } = nearestTwo(index, projected, i)
    if (ratio < index.closeBelow[index.classes[nearest]!]!) close += 1
  }
  return { shown: samples.n, exact, close, mostClose: mostCloseOf(samples.n) }
}

/** Close samples among `n` that honest people may have. */
export function mostCloseOf(n: number): number {
  return Math.floor(n * HONEST_SHARE + ERRORS * Math.sqrt(n * HONEST_SHARE * (1 - HONEST_SHARE)))
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

/** The ratios of the pool's own samples, each to the others: their lowest twentieth, by the nearest one's class. */
function thresholdsOf(index: Projected, n: number): number[] {
  const measured = Math.min(n, MOST_MEASURED)
  const all: number[] = []
  const byClass = new Map<number, number[]>()
  for (let i = 0; i < measured; i++) {
    const { ratio, nearest } = nearestTwo(index, index.projected, i, i)
    const label = index.classes[nearest]!
    all.push(ratio)
    byClass.set(label, [...(byClass.get(label) ?? []), ratio])
  }
  const classes = index.classes.reduce((most, label) => Math.max(most, label + 1), 0)
  return Array.from({ length: classes }, (_, label) => {
    const own = byClass.get(label) ?? []
    return lowestShare(own.length < FEWEST_OF_CLASS ? all : own)
  })
}

function lowestShare(ratios: readonly number[]): number {
  return ratios.toSorted((a, b) => a - b)[Math.floor(CLOSE_SHARE * ratios.length)] ?? 0
}
