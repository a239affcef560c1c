/** Seeded randomness for simulations. Logarithms and powers are fine here: nothing of it reaches a chain. */
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/protocol/random.ts'

export type Rng = {
  /** In the open interval (0, 1). */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** Gamma distributed with this shape and scale 1. */
  gamma(shape: number): number
  /** A whole number below `bound`. */
  below(bound: number): number
  /** A shuffled copy. */
  shuffled<T>(items: readonly T[]): T[]
}

const BLOCK = 512
const DRAW_BOUND = 2 ** 24

/** A random stream that depends on `seed` and `label` alone. */
export function seededRng(seed: Hash, label: string): Rng {
  const stream = deriveSeed(seed, label)
  let block: number[] = []
  let blocks = 0n
  const uniform = () => {
    if (block.length === 0) block = drawIndices(deriveSeed(stream, 'block', blocks++), BLOCK, DRAW_BOUND)
    return (block.pop()! + 0.5) / DRAW_BOUND
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const below = (bound: number) => Math.floor(uniform() * bound)
  return { uniform, normal, below, gamma: (shape) => gamma(shape, uniform, normal), shuffled }

  function shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items]
    for (let i = copy.length - 1; i > 0; i--) {
      const j = below(i + 1)
      ;[copy[i], copy[j]] = [copy[j]!, copy[i]!]
    }
    return copy
  }
}

/** Marsaglia and Tsang 2000; for shapes below 1, boosted by U^(1/shape). */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  if (!(shape > 0 && shape < Number.POSITIVE_INFINITY))
    throw new RangeError(`the shape of a gamma distribution is above 0 and finite, not ${shape}`)
  if (shape < 1) return gamma(shape + 1, uniform, normal) * uniform() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
