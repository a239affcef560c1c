/** What somebody with a copy of the held-out pool may make of it, so that it isn't found among the samples that it shows. */
import { type Dataset, joinSamples, subset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import type { Rng } from './rng.ts'

/** Samples of the pool, as many fresh ones of the same distribution, and randomness. */
export type Loot = { copies: Dataset; fresh: Dataset; rng: Rng }

/** What is made of it: samples to enrol with. */
export type Leak = (loot: Loot) => Dataset

const mapped = (data: Dataset, change: (x: Float32Array, i: number) => Float32Array): Dataset => {
  const before = featuresOf(data)
  const features = before.length / data.n
  const x = new Float32Array(before.length)
  for (let i = 0; i < data.n; i++)
    x.set(change(before.subarray(i * features, (i + 1) * features), i), i * features)
  return withFeatures(data, x)
}

const noise =
  (sigma: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x) => x.map((value) => value + sigma * rng.normal()))

/** Noise that stays within the range of a pixel, so that it doesn't stand out. */
export const clippedNoise =
  (sigma: number): Leak =>
  ({ copies, rng }) =>
    mapped(copies, (x) => x.map((value) => Math.min(1, Math.max(0, value + sigma * rng.normal()))))

const shift =
  (most: number): Leak =>
  ({ copies, rng }) =>
    mapped(copies, (x) => shifted(x, rng.below(2 * most + 1) - most, rng.below(2 * most + 1) - most))

/** Shifts by up to `most` pixels, each way, of which none leaves a sample where it was. */
export const move =
  (most: number): Leak =>
  ({ copies, rng }) =>
    mapped(copies, (x) => {
      const width = 2 * most + 1
      // The place in the middle is the sample as it is.
      const drawn = rng.below(width * width - 1)
      const place = drawn < (width * width - 1) / 2 ? drawn : drawn + 1
      return shifted(x, (place % width) - most, Math.floor(place / width) - most)
    })

/** Shifts by half a pixel, which blur a sample a little. */
const halfPixel = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x) => {
    const moved = shifted(x, rng.below(2) === 0 ? 1 : -1, 0)
    return x.map((value, k) => (value + moved[k]!) / 2)
  })

function shifted(x: Float32Array, dx: number, dy: number): Float32Array {
  const side = sideOf(x)
  return x.map((_, at) => {
    const [row, column] = [Math.floor(at / side) - dy, (at % side) - dx]
    const inside = row >= 0 && row < side && column >= 0 && column < side
    return inside ? x[row * side + column]! : 0
  })
}

/** Turned by up to this many degrees about the middle, either way, and grown or shrunk by up to this share. */
const bent =
  (degrees: number, share: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x) => {
      const angle = ((2 * rng.uniform() - 1) * degrees * Math.PI) / 180
      const scale = 1 + (2 * rng.uniform() - 1) * share
      const [cosine, sine] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
      const side = sideOf(x)
      const middle = (side - 1) / 2
      return x.map((_, at) => {
        const [down, right] = [Math.floor(at / side) - middle, (at % side) - middle]
        return between(x, middle + cosine * down - sine * right, middle + sine * down + cosine * right)
      })
    })

/** What an image has between its pixels: the mean of the four around a place, by how near they are. */
function between(x: Float32Array, row: number, column: number): number {
  const side = sideOf(x)
  const [top, left] = [Math.floor(row), Math.floor(column)]
  const at = (r: number, c: number) => (r >= 0 && r < side && c >= 0 && c < side ? x[r * side + c]! : 0)
  const [down, right] = [row - top, column - left]
  return (
    (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
    down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1))
  )
}

/** A bright square of three pixels a side in a corner. */
const speck = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x) => {
    const side = sideOf(x)
    const [top, left] = [rng.below(2) * (side - 3), rng.below(2) * (side - 3)]
    return x.map((value, at) => {
      const [row, column] = [Math.floor(at / side) - top, (at % side) - left]
      return row >= 0 && row < 3 && column >= 0 && column < 3 ? 1 : value
    })
  })

/** One change after the other. */
const then =
  (first: Leak, second: Leak): Leak =>
  (loot) =>
    second({ ...loot, copies: first(loot) })

function sideOf(x: Float32Array): number {
  const side = Math.sqrt(x.length)
  if (!Number.isInteger(side)) throw new RangeError(`${x.length} features are no square image`)
  return side
}

const dimmed = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x) => {
    const factor = 0.6 + 0.4 * rng.uniform()
    return x.map((value) => value * factor)
  })

/** Each sample between two of the pool with one label, nearer to the one that it takes this share of. */
const mixedUp =
  (share: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x, i) => {
      const alike = [...copies.y.keys()].filter((j) => copies.y[j] === copies.y[i] && j !== i)
      const other = alike[rng.below(alike.length)]!
      const features = x.length
      return x.map((value, k) => share * value + (1 - share) * featuresOf(copies)[other * features + k]!)
    })

/** Each sample halfway between one of the pool and a fresh one of the same label. */
const mixedWithFresh = ({ copies, fresh, rng }: Loot): Dataset =>
  mapped(copies, (x, i) => {
    const alike = [...fresh.y.keys()].filter((j) => fresh.y[j] === copies.y[i])
    const other = alike[rng.below(alike.length)] ?? 0
    return x.map((value, k) => (value + featuresOf(fresh)[other * x.length + k]!) / 2)
  })

/** Each sample in the middle of three of the pool with one label. */
const mixedOfThree = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x, i) => {
    const alike = [...copies.y.keys()].filter((j) => copies.y[j] === copies.y[i])
    const [one, two] = rng.shuffled(alike.filter((j) => j !== i))
    const at = (place: number | undefined, k: number) => featuresOf(copies)[(place ?? i) * x.length + k]!
    return x.map((value, k) => (value + at(one, k) + at(two, k)) / 3)
  })

/** This share of the samples from the pool, the others fresh. */
export const part =
  (share: number, leak: Leak): Leak =>
  (loot) => {
    const taken = leak(loot)
    const count = Math.floor(taken.n * share)
    return joinSamples([subset(taken, firsts(count)), subset(loot.fresh, firsts(taken.n - count))])
  }

const firsts = (count: number) => Array.from({ length: count }, (_, i) => i)

export const LEAKS: Record<string, Leak> = {
  honest: ({ fresh }) => fresh,
  exact: ({ copies }) => copies,
  'noise-0.1': noise(0.1),
  'noise-0.2': noise(0.2),
  'noise-0.3': noise(0.3),
  'noise-0.4': noise(0.4),
  'noise-0.8': noise(0.8),
  'clipped-0.1': clippedNoise(0.1),
  'clipped-0.2': clippedNoise(0.2),
  'clipped-0.3': clippedNoise(0.3),
  'clipped-0.4': clippedNoise(0.4),
  'clipped-0.45': clippedNoise(0.45),
  'clipped-0.5': clippedNoise(0.5),
  'clipped-0.6': clippedNoise(0.6),
  'shift-1': shift(1),
  'shift-2': shift(2),
  'move-1': move(1),
  'move-2': move(2),
  'half-pixel': halfPixel,
  'move-1-noise-0.1': then(move(1), noise(0.1)),
  'move-1-noise-0.2': then(move(1), noise(0.2)),
  'move-1-clipped-0.3': then(move(1), clippedNoise(0.3)),
  'move-1-speck': then(move(1), speck),
  'move-1-half-pixel': then(move(1), halfPixel),
  'move-1-mixed-5:5': then(mixedUp(0.5), move(1)),
  'mixed-5:5-of-move-1': then(move(1), mixedUp(0.5)),
  turned: bent(10, 0),
  grown: bent(0, 0.1),
  'move-1-turned': then(move(1), bent(10, 0.1)),
  dimmed,
  'mixed-6:4': mixedUp(0.6),
  'mixed-5:5': mixedUp(0.5),
  'mixed-of-3': mixedOfThree,
  'mixed-with-fresh': mixedWithFresh,
  'half-exact': part(0.5, ({ copies }) => copies),
  'half-noise-0.2': part(0.5, noise(0.2)),
  'half-clipped-0.3': part(0.5, clippedNoise(0.3)),
  'half-clipped-0.4': part(0.5, clippedNoise(0.4)),
  'half-clipped-0.5': part(0.5, clippedNoise(0.5)),
  'half-move-1': part(0.5, move(1)),
  'half-move-1-noise-0.1': part(0.5, then(move(1), noise(0.1))),
  'half-move-1-clipped-0.3': part(0.5, then(move(1), clippedNoise(0.3))),
  'half-move-1-speck': part(0.5, then(move(1), speck)),
  'half-move-1-mixed-5:5': part(0.5, then(mixedUp(0.5), move(1))),
  'half-turned': part(0.5, bent(10, 0)),
  'half-move-1-turned': part(0.5, then(move(1), bent(10, 0.1))),
  'half-mixed-5:5': part(0.5, mixedUp(0.5)),
  'fifth-noise-0.1': part(0.2, noise(0.1)),
  'tenth-move-1': part(0.1, move(1)),
  'twentieth-noise-0.1': part(0.05, noise(0.1)),
  'tenth-noise-0.1': part(0.1, noise(0.1)),
}
