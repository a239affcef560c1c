/**
 * Whether the samples that a contributor shows are the held-out pool's, as they are or slightly changed.
 *
 * An exact copy has the features of a sample of the pool, whatever its label. A near copy gives itself away by how much
 * closer it is to its original than to any other sample, and a mix of some samples by how close it is to what can be mixed of its
 * nearest ones:
 *
 *     copy(x) = distance to the nearest sample of the pool / distance to the second nearest
 *     mix(x)  = distance to the affine hull of the eight nearest / distance to the ninth
 *     rank(x) = share of the pool's own samples, near that class, whose ratio to the others is below it
 *
 * Ranks of honest samples are even, from 0 to 1. Copies have low ones: with hardly any noise they are below a hundredth, with
 * a little below a twentieth, which finds a few copies among many fresh samples; with more noise their mean is low. All bounds
 * leave room for chance,
 *
 *     error² = spread² · (1 / n + 1 / m)
 *
 * in the n shown samples, and in the m of the pool that they are ranked among: fewer where only some classes are shown.
 * Distances are those of random projections: they are as telling, and cost less. The ratio has no unit, so the rule needs
 * no constant of a task.
 *
 * Where a task says how its features lie in space, samples are also compared by their spectra, which a shift leaves as they are
 * (spectra.ts), and where inputs are whole numbers, by those at the same places (cells.ts). Any of these is enough. What is a
 * class above is a stratum where the task's strata are a column.
 */
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import { permutation } from '@assay/sdk/protocol/sampling.ts'
import type { Hash } from '../hash.ts'
import { contentHashes } from '../package/content-hash.ts'
import { type Dataset, strataOf, subset, type Values } from '../package/data.ts'
import { elementCount } from '../package/safetensors.ts'
import type { SampleSpec } from '../package/sample-spec.ts'
import { cellsOf } from './cells.ts'
import { distanceToMixes, nearestRows, type Rows } from './nearest-samples.ts'
import { spectraOf } from './spectra.ts'

/** Coordinates of a projection; a sample with no more features than that is compared as it is. */
const WIDTH = 256
/** Cells of the projection to which each feature goes. */
const CELLS_OF_FEATURE = 4
/** Most samples of the pool that near copies are looked for among. Exact ones are looked for among all. */
const MOST_COMPARED = 10_000
/** Most samples of the pool whose own ratios are measured. */
const MOST_MEASURED = 1_000
/** Most samples whose ranks are kept, some 10 MB. */
const MOST_RANKED = 2 ** 16
/** Nearest samples of the pool of which a sample may be mixed. */
const MIXED = 8
/** Ranks below which a sample is close, and very close. */
const CLOSE_RANK = 0.05
const VERY_CLOSE_RANK = 0.01
/** Fewest ratios of a class for ranks of its own. */
const FEWEST_OF_CLASS = 20
/** What honest samples may have, but for chance, with skewed data too: shares of close ones, and a mean rank. */
const HONEST_SHARE = 0.08
const HONEST_VERY_CLOSE_SHARE = 0.02
const HONEST_RANK = 0.48
/** Standard errors beyond that, for chance. */
const ERRORS = 4
/** Very close ones are so few that chance is lopsided: so many more, times n · error², are as likely. */
const MORE_OF_FEW = 3.5
/** Standard deviation of an even rank. */
const RANK_DEVIATION = Math.sqrt(1 / 12)

/** What of samples is compared: their features, their spectra, or their whole numbers. */
export type ViewName = 'features' | 'spectra' | 'numbers'

/** A pool, prepared for comparisons by one view of it. */
type View = {
  name: ViewName
  classes: Values
  /** The pool's samples, projected. */
  rows: Rows
  project: (data: Dataset) => Float32Array
  /** Ratios of the pool's own samples, ascending, by the class of the nearest one. */
  ratios: readonly { copy: readonly number[]; mix: readonly number[] }[]
}

/** A pool, prepared for comparisons. */
export type PoolIndex = {
  hashes: ReadonlySet<Hash>
  views: readonly View[]
  /** Ranks of samples that were compared before, by their content: one for each view. */
  ranked: Map<Hash, readonly Rank[]>
}

/** How low a sample's ratios are among those of the pool, and the class of the pool's sample that is nearest to it. */
type Rank = { copy: number; mix: number; ofClass: number }

/** How close samples are: those whose rank is low or very low, and the mean rank of all. */
export type Closeness = { close: number; veryClose: number; meanRank: number }

/** What honest people may have: at most so many close and very close ones, and at least that mean rank. */
export type Bounds = { mostClose: number; mostVeryClose: number; leastMeanRank: number }

/** What a comparison found by one view. */
export type ViewLikeness = Bounds & {
  name: ViewName
  /** How close samples are to single ones of the pool, and to mixes of some. */
  copies: Closeness
  mixes: Closeness
}

/** What a comparison found. */
export type PoolLikeness = {
  /** Distinct samples that were shown. */
  shown: number
  /** Those that are in the pool. */
  exact: number
  views: readonly ViewLikeness[]
}

/** Whether shown samples are the pool's: one exact copy is enough, or too many close ones, or all are rather close. */
export function areCopies({ exact, views }: PoolLikeness): boolean {
  return exact > 0 || views.some((view) => areClose(view.copies, view) || areClose(view.mixes, view))
}

/** Whether samples are closer than those of honest people. */
export function areClose({ close, veryClose, meanRank }: Closeness, bounds: Bounds): boolean {
  const { mostClose, mostVeryClose, leastMeanRank } = bounds
  return close > mostClose || veryClose > mostVeryClose || meanRank < leastMeanRank
}

/**
 * Prepares a pool.
 *
 * @param options.seed secret or not: it draws the projections
 * @param options.spec what samples are: with a grid, shifted copies are found, too
 */
export function indexPool(pool: Dataset, { seed, spec }: { seed: Hash; spec: SampleSpec }): PoolIndex {
  const compared = someOf(pool, MOST_COMPARED, deriveSeed(seed, 'compared'))
  const classes = strataOf(spec, compared)
  const views = rowWritersOf(spec, seed).map(({ name, project }): View => {
    const values = project(compared)
    const view = { name, classes, rows: { values, width: values.length / compared.n }, project }
    return { ...view, ratios: ownRatios(view) }
  })
  return { hashes: new Set(contentHashes(pool)), views, ranked: new Map() }
}

/** What writes samples as rows, for each view of them. */
function rowWritersOf({ inputs }: SampleSpec, seed: Hash): Pick<View, 'name' | 'project'>[] {
  const floats = inputs.filter(({ dtype }) => dtype === 'float32')
  const wholes = inputs.filter(({ dtype }) => dtype !== 'float32')
  const writers: Pick<View, 'name' | 'project'>[] = []
  if (floats.length > 0) {
    const project = projectionOf(sizeOf(floats), seed)
    writers.push({
      name: 'features',
      project: (data) => project(besides(data, floats) as Float32Array, data.n),
    })
  }
  for (const { name, shape, grid } of floats) {
    if (grid === undefined) continue
    const spectra = spectraOf(grid)
    const valuesOf = ({ inputs, n }: Dataset) => spectra(inputs[name] as Float32Array, n)
    const size = valuesOf({
      inputs: { [name]: new Float32Array(elementCount(shape)) },
      y: new Int32Array(1),
      n: 1,
    }).length
    const project = projectionOf(size, seed)
    writers.push({ name: 'spectra', project: (data) => project(valuesOf(data), data.n) })
  }
  if (wholes.length > 0) {
    const cells = cellsOf(deriveSeed(seed, 'cells'), sizeOf(wholes))
    writers.push({ name: 'numbers', project: (data) => cells(besides(data, wholes), data.n) })
  }
  return writers
}

const sizeOf = (inputs: SampleSpec['inputs']) =>
  inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0)

/** The values of some inputs of one type, sample by sample. */
function besides({ inputs, n }: Dataset, some: SampleSpec['inputs']): Values {
  if (some.length === 1) return inputs[some[0]!.name]!
  const width = sizeOf(some)
  const isFloat = some[0]!.dtype === 'float32'
  const rows = isFloat ? new Float32Array(n * width) : new Int32Array(n * width)
  let first = 0
  for (const { name, shape } of some) {
    const size = elementCount(shape)
    for (let i = 0; i < n; i++) rows.set(inputs[name]!.subarray(i * size, (i + 1) * size), i * width + first)
    first += size
  }
  return rows
}

/** Compares shown samples with a pool. The same ones shown twice count once. */
export function compareWithPool(index: PoolIndex, shown: Dataset): PoolLikeness {
  return likenessOf(rankAll(index, shown))
}

/** Different samples beside a pool. */
export type Ranked = {
  /** How many there are. */
  shown: number
  /** How many are in the pool. */
  exact: number
  views: readonly RankedView[]
}

/** Different samples beside one view of a pool. */
export type RankedView = {
  name: ViewName
  /** The ranks of each, and the class of the pool's sample that is nearest to it. */
  ranks: readonly Rank[]
  /** How many ratios of the pool each class's ranks are among. */
  measured: readonly number[]
}

/**
 * Ranks the different samples among those shown. Each one's ranks follow from its content and the pool alone, so a sample that was
 * compared before isn't compared again: who trains shows the same ones in many rounds.
 */
export function rankAll(index: PoolIndex, shown: Dataset): Ranked {
  const rows = new Map<Hash, number>()
  for (const [i, hash] of contentHashes(shown).entries()) if (!rows.has(hash)) rows.set(hash, i)
  const { hashes, views, ranked } = index
  if (ranked.size + rows.size > MOST_RANKED) ranked.clear()
  const fresh = [...rows].filter(([hash]) => !ranked.has(hash))
  if (fresh.length > 0) rankAnew(index, shown, fresh)
  return {
    shown: rows.size,
    exact: [...rows.keys()].filter((hash) => hashes.has(hash)).length,
    views: views.map(({ name, ratios }, view) => ({
      name,
      ranks: [...rows.keys()].map((hash) => ranked.get(hash)![view]!),
      measured: ratios.map(({ copy }) => copy.length),
    })),
  }
}

function rankAnew({ views, ranked }: PoolIndex, shown: Dataset, fresh: readonly [Hash, number][]): void {
  const samples = subset(
    shown,
    fresh.map(([, row]) => row),
  )
  const ranks = views.map((view) => ranksBy(view, samples))
  fresh.forEach(([hash], i) => {
    ranked.set(
      hash,
      ranks.map((some) => some[i]!),
    )
  })
}

function ranksBy(view: View, samples: Dataset): Rank[] {
  const rows = { values: view.project(samples), width: view.rows.width }
  return Array.from({ length: samples.n }, (_, i) => {
    const { copy, mix, ofClass } = ratiosOf(view, rowOf(rows, i))
    const own = view.ratios[ofClass]!
    return { copy: rankOf(copy, own.copy), mix: rankOf(mix, own.mix), ofClass }
  })
}

/** What ranks say, and what they may be by chance. */
export function likenessOf({ shown, exact, views }: Ranked): PoolLikeness {
  return { shown, exact, views: views.map(likenessBy) }
}

function likenessBy({ name, ranks, measured }: RankedView): ViewLikeness {
  const shown = ranks.length
  const error = Math.sqrt(1 / shown + 1 / rankedAmong(ranks, measured))
  const closenessOf = (kind: 'copy' | 'mix') => ({
    close: ranks.filter((rank) => rank[kind] < CLOSE_RANK).length,
    veryClose: ranks.filter((rank) => rank[kind] < VERY_CLOSE_RANK).length,
    meanRank: ranks.reduce((sum, rank) => sum + rank[kind], 0) / shown,
  })
  return { name, copies: closenessOf('copy'), mixes: closenessOf('mix'), ...boundsOf(shown, error) }
}

/** Number of independent ratios of the pool that these ranks are among: 1 / m = Σ over classes of (share of the class)² / its ratios. */
function rankedAmong(ranks: RankedView['ranks'], measured: readonly number[]): number {
  const shown = measured.map(() => 0)
  for (const { ofClass } of ranks) shown[ofClass]! += 1
  const inverse = shown.reduce(
    (sum, count, i) => sum + (count / ranks.length) ** 2 / Math.max(measured[i]!, 1),
    0,
  )
  return 1 / inverse
}

/** What honest people may have of `n` samples. @param error √(1 / n + 1 / m) */
export function boundsOf(n: number, error: number): Bounds {
  const most = (share: number, more: number) =>
    Math.floor(n * (share + ERRORS * Math.sqrt(share * (1 - share)) * error + more * error ** 2))
  return {
    mostClose: most(HONEST_SHARE, 0),
    mostVeryClose: most(HONEST_VERY_CLOSE_SHARE, MORE_OF_FEW),
    leastMeanRank: HONEST_RANK - ERRORS * RANK_DEVIATION * error,
  }
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
function projectionOf(features: number, seed: Hash): (x: Float32Array, n: number) => Float32Array {
  if (features <= WIDTH) return (x) => x
  const draws = drawIndices(deriveSeed(seed, 'projection'), features * CELLS_OF_FEATURE, 2 * WIDTH)
  return (x, n) => {
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

/** How near a sample is to one of the pool, and to mixes of some, both beside how near the next ones are. */
type Ratios = { copy: number; mix: number; ofClass: number }

/** @param skip a sample of the pool that doesn't count */
function ratiosOf({ rows, classes }: Pick<View, 'rows' | 'classes'>, query: Float32Array, skip = -1): Ratios {
  // Of a few features everything can be mixed.
  const mixed = Math.max(1, Math.min(MIXED, rows.width >> 2))
  const { places, squares } = nearestRows(rows, query, { count: mixed + 1, skip })
  const distance = distanceToMixes(rows, query, places.slice(0, mixed))
  return {
    copy: ratio(squares[0], squares[1]),
    mix: ratio(distance ** 2, squares[mixed]),
    ofClass: classes[places[0] ?? 0] ?? 0,
  }
}

/** Of distances, from their squares. Two equal samples in the pool, and a third: it is as close to one as to the other. */
function ratio(square = 0, next = 0): number {
  return next === 0 ? 1 : Math.sqrt(square / next)
}

/** The ratios of the pool's own samples, each to the others, by the nearest one's class. A rare class gets all of them. */
function ownRatios(index: Pick<View, 'rows' | 'classes'>): View['ratios'] {
  const { rows, classes } = index
  const count = Math.min(classes.length, MOST_MEASURED)
  const all = Array.from({ length: count }, (_, i) => ratiosOf(index, rowOf(rows, i), i))
  const labels = Math.max(...new Set(classes)) + 1
  return Array.from({ length: labels }, (_, label) => {
    const own = all.filter(({ ofClass }) => ofClass === label)
    const among = own.length < FEWEST_OF_CLASS ? all : own
    const ascending = (kind: 'copy' | 'mix') => among.map((ratios) => ratios[kind]).sort((x, y) => x - y)
    return { copy: ascending('copy'), mix: ascending('mix') }
  })
}

function rowOf({ values, width }: Rows, i: number): Float32Array {
  return values.subarray(i * width, (i + 1) * width)
}

/**
 * Share of ascending ratios below one; of equal ones half. At least the middle of the lowest place: of 20 ratios that place is a
 * 21st wide, and an honest sample in it is not among the lowest hundredth.
 */
function rankOf(ratio: number, ratios: readonly number[]): number {
  let [below, equal] = [0, 0]
  for (const other of ratios) {
    if (other > ratio) break
    if (other < ratio) below += 1
    else equal += 1
  }
  if (ratios.length === 0) return 0.5
  return Math.max((below + equal / 2) / ratios.length, 0.5 / (ratios.length + 1))
}
