import { emit, ints, scalar, type Tensor } from '../tape/tape.ts'
import { add, scale } from './arithmetic.ts'
import { matMul } from './products.ts'
import { expand, reshape, transpose } from './shapes.ts'
import { softmax } from './softmax.ts'

/** What is added to the score of a later place: e to its power is 0. */
const NEVER = -1e30

export type AttentionShape = {
  batch: number
  length: number
  heads: number
  /** Whether a place sees only itself and those before it. */
  isCausal: boolean
}

/**
 * Softmax of q kᵀ / √width times v, for each head.
 *
 * @param q, k, v [batch · length, heads · width of a head]
 * @returns [batch · length, heads · width of a head]
 */
export function attention(
  { q, k, v }: { q: Tensor; k: Tensor; v: Tensor },
  { batch, length, heads, isCausal }: AttentionShape,
): Tensor {
  const width = q.shape[1]! / heads
  const apart = (x: Tensor, order: readonly number[]) =>
    transpose(reshape(x, [batch, length, heads, width]), order)
  const scores = matMul(scale(apart(q, [0, 2, 1, 3]), 1 / Math.sqrt(width)), apart(k, [0, 2, 3, 1]))
  const shares = softmax(isCausal ? add(scores, laterPlaces(q, length)) : scores)
  const seen = matMul(shares, apart(v, [0, 2, 1, 3]))
  return reshape(transpose(seen, [0, 2, 1, 3]), q.shape)
}

/** [length, length]: NEVER right of the diagonal, 0 elsewhere. */
function laterPlaces({ tape }: Tensor, length: number): Tensor {
  const shape = [length, length]
  return emit('Trilu', [expand(scalar(tape, NEVER), shape), ints(tape, [1])], { shape }, { upper: 1n })
}
