/** The samples of a pool that are nearest to another sample, and how well that one can be mixed of them. */

/** Rows of numbers, one a sample. */
export type Rows = { values: Float32Array; width: number }

/** Nearest rows to a query, the nearest first; fewer than asked for if there aren't more. */
export type Nearest = { places: number[]; squares: number[] }

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
    if (place === skip) continue
    let sum = 0
    for (let k = 0; k < width && sum < worst; k++) {
      const difference = query[k]! - values[place * width + k]!
      sum += difference * difference
    }
    if (sum < worst || nearest.places.length < count) worst = insert(nearest, { place, sum }, count)
  }
  return nearest
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
