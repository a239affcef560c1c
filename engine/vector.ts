/**
 * Sums over flat vectors, in doubles and in index order: only + − × ÷ √, which IEEE 754 rounds alike on every machine.
 */

/** Σ aᵢ bᵢ. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** Euclidean length. */
export function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a))
}

/** Cosine of the angle between two vectors; 0 when one of them is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const lengths = norm(a) * norm(b)
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

/** The lower median: an element of `values`, so nothing is rounded. 0 for none. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** Mean and its standard error, √(Σ (x − mean)² / (n (n − 1))). */
export function meanAndError(values: ArrayLike<number>): { mean: number; error: number } {
  const { length } = values
  let sum = 0
  for (let i = 0; i < length; i++) sum += values[i]!
  const mean = sum / length
  let squares = 0
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  return { mean, error: length < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (length * (length - 1))) }
}
