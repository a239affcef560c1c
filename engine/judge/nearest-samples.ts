/** The samples of a pool that are nearest to another sample, and how well that one can be mixed of them. */

/** Rows of numbers, one a sample. */
export type Rows = { values: Float32Array; width: number }

/** Nearest rows to a query, the nearest first; fewer than asked for if there aren't more. */
export type Nearest = { places: number[]; squares: number[] }

/** Sums that are added side by side. */
const LANES = 4
/** Values after which a row is looked at whether it is too far already. */
const LOOK_EVERY = 32
/** Above all that the rounding of 2³⁰ terms may change. */
const MARGIN = 1 + 1e-6

/** Least share of a direction's squared length that must be new, for it to count. */
const NEW_DIRECTION = 1e-9

/** The `count` rows nearest to a query, by Euclidean distance. @param skip a row that doesn't count */
export function nearestRows(
  { values, width }: Rows,
  query: Float32Array,
  { count, skip = -1 }: { count: number; skip?: number },
): Nearest {
  const nearest: Nearest = { places: [], squares: [] }
  let worst = Number.POSITIVE_INFINITY
  for (let place = 0; place < values.length / width; place++) {
    if (place === skip || isBeyond(values, place * width, query, worst * MARGIN)) continue
    const sum = squareOf(values, place * width, query)
    if (sum < worst || nearest.places.length < count) worst = insert(nearest, { place, sum }, count)
  }
  return nearest
}

/**
 * Whether a row is farther than a square. Four sums at once, which a processor adds side by side: far the most rows are too far, and
 * which ones doesn't depend on how these sums are rounded.
 */
function isBeyond(values: Float32Array, from: number, query: Float32Array, square: number): boolean {
  const whole = query.length - (query.length % LANES)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let k = 0; k < whole; ) {
    const until = Math.min(whole, k + LOOK_EVERY)
    for (; k < until; k += LANES) {
      const at = from + k
      const w = query[k]! - values[at]!
      const x = query[k + 1]! - values[at + 1]!
      const y = query[k + 2]! - values[at + 2]!
      const z = query[k + 3]! - values[at + 3]!
      a += w * w
      b += x * x
      c += y * y
      d += z * z
    }
    if (a + b + c + d > square) return true
  }
  return false
}

/** Squared distance of a row, summed in order. */
function squareOf(values: Float32Array, from: number, query: Float32Array): number {
  let sum = 0
  for (let k = 0; k < query.length; k++) {
    const difference = query[k]! - values[from + k]!
    sum += difference * difference
  }
  return sum
}

/** Keeps the nearest in order. @returns squared distance from which on a row is too far */
function insert(
  { places, squares }: Nearest,
  { place, sum }: { place: number; sum: number },
  count: number,
): number {
  let at = squares.length
  while (at > 0 && squares[at - 1]! > sum) at--
  squares.splice(at, 0, sum)
  places.splice(at, 0, place)
  if (squares.length > count) {
    squares.pop()
    places.pop()
  }
  return squares.length < count ? Number.POSITIVE_INFINITY : squares.at(-1)!
}

/**
 * Distance from a query to the nearest point that is mixed of some rows, with weights whose sum is 1: to their affine
 * hull. It is 0 for what was mixed of them, in any proportion.
 */
export function distanceToMixes(
  { values, width }: Rows,
  query: Float32Array,
  places: readonly number[],
): number {
  const rowAt = (place: number) => values.subarray(place * width, (place + 1) * width)
  const [origin, ...others] = places.map(rowAt)
  if (origin === undefined) return Number.POSITIVE_INFINITY
  const rest = difference(query, origin)
  const basis: Float64Array[] = []
  for (const row of others) {
    const direction = difference(row, origin)
    const whole = dot(direction, direction)
    for (const known of basis) takeAway(direction, known)
    const left = dot(direction, direction)
    if (!(left > NEW_DIRECTION * whole)) continue
    const length = Math.sqrt(left)
    const unit = direction.map((value) => value / length)
    basis.push(unit)
    takeAway(rest, unit)
  }
  return Math.sqrt(dot(rest, rest))
}

function difference(a: Float32Array, b: Float32Array): Float64Array {
  const result = new Float64Array(a.length)
  // A loop: `Float64Array.from` goes through an iterator, which takes ten times as long.
  for (let k = 0; k < a.length; k++) result[k] = a[k]! - b[k]!
  return result
}

/** Takes the part along a unit vector away. */
function takeAway(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit)
  for (let k = 0; k < vector.length; k++) vector[k]! -= along * unit[k]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}
