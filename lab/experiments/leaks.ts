/** What somebody with a copy of the held-out pool may make of it, so that it isn't found among the samples that it shows. */
import { type Dataset, subset } from '@assay/engine/package/data.ts'
import type { Rng } from '../rng.ts'

/** Samples of the pool, as many fresh ones of the same distribution, and randomness. */
export type Loot = { copies: Dataset; fresh: Dataset; rng: Rng }

const SIDE = 28

const mapped = (data: Dataset, change: (x: Float32Array, i: number) => Float32Array): Dataset => {
  const features = data.x.length / data.n
  const x = new Float32Array(data.x.length)
  for (let i = 0; i < data.n; i++)
    x.set(change(data.x.subarray(i * features, (i + 1) * features), i), i * features)
  return { ...data, x }
}

const noise =
  (sigma: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x) => x.map((value) => value + sigma * rng.normal()))

/** Noise that stays within the range of a pixel, so that it doesn't stand out. */
const clippedNoise =
  (sigma: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x) => x.map((value) => Math.min(1, Math.max(0, value + sigma * rng.normal()))))

const shift =
  (most: number) =>
  ({ copies, rng }: Loot): Dataset =>
    mapped(copies, (x) => shifted(x, rng.below(2 * most + 1) - most, rng.below(2 * most + 1) - most))

function shifted(x: Float32Array, dx: number, dy: number): Float32Array {
  return x.map((_, at) => {
    const [row, column] = [Math.floor(at / SIDE) - dy, (at % SIDE) - dx]
    const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE
    return inside ? x[row * SIDE + column]! : 0
  })
}

const dimmed = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x) => {
    const factor = 0.6 + 0.4 * rng.uniform()
    return x.map((value) => value * factor)
  })

/** Each sample between two of the pool with one label. */
const mixedUp = ({ copies, rng }: Loot): Dataset =>
  mapped(copies, (x, i) => {
    const alike = [...copies.y.keys()].filter((j) => copies.y[j] === copies.y[i])
    const other = alike[rng.below(alike.length)]!
    const features = x.length
    return x.map((value, k) => 0.6 * value + 0.4 * copies.x[other * features + k]!)
  })

/** Every other sample fresh. */
const half =
  (leak: (loot: Loot) => Dataset) =>
  (loot: Loot): Dataset => {
    const taken = leak(loot)
    const count = Math.floor(taken.n / 2)
    return joined(subset(taken, firsts(count)), subset(loot.fresh, firsts(taken.n - count)))
  }

const firsts = (count: number) => Array.from({ length: count }, (_, i) => i)

function joined(one: Dataset, other: Dataset): Dataset {
  const x = new Float32Array(one.x.length + other.x.length)
  x.set(one.x)
  x.set(other.x, one.x.length)
  return { x, y: Int32Array.from([...one.y, ...other.y]), n: one.n + other.n }
}

export const LEAKS: Record<string, (loot: Loot) => Dataset> = {
  honest: ({ fresh }) => fresh,
  exact: ({ copies }) => copies,
  'noise-0.02': noise(0.02),
  'noise-0.1': noise(0.1),
  'noise-0.2': noise(0.2),
  'noise-0.4': noise(0.4),
  'noise-0.8': noise(0.8),
  'clipped-0.3': clippedNoise(0.3),
  'clipped-0.4': clippedNoise(0.4),
  'clipped-0.5': clippedNoise(0.5),
  'noise-0.3': noise(0.3),
  'shift-1': shift(1),
  'shift-2': shift(2),
  'shift-3': shift(3),
  dimmed,
  'mixed-up': mixedUp,
  'half-exact': half(({ copies }) => copies),
  'half-noise-0.2': half(noise(0.2)),
  'half-shift-1': half(shift(1)),
}
