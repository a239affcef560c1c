import type { Tensor } from '../tape/tape.ts'
import { mul, scale } from './arithmetic.ts'

/**
 * Drops elements and scales the others up, so that the mean stays.
 *
 * @param keeps 0 or 1 for each element, of the shape of `x`: noise that enters the graph
 * @param keep share of ones in `keeps`, above 0 and at most 1
 */
export function dropout(x: Tensor, keeps: Tensor, keep: number): Tensor {
  return mul(x, scale(keeps, 1 / keep))
}
