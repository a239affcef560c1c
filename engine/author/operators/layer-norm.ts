import { emit, linked, type Tensor } from '../tape/tape.ts'
import { add, div, mul, shift, sub } from './arithmetic.ts'
import { reduceSum, rowMean } from './reduce.ts'

/** Added to the variance, so that a row of equal values has no infinite slope. */
const EPSILON = 1e-5

/**
 * Rows with mean 0 and variance 1, times `gain`, plus `bias`:
 *
 *     h = (x − mean) / √(variance + ε),  y = gain h + bias
 *     with g' = g gain:  gradient of x = (g' − mean of g' − h · mean of g' h) / √(variance + ε)
 *
 * @param x [rows, width]; @param gain [width]; @param bias [width]
 */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor): Tensor {
  const centred = sub(x, rowMean(x))
  const variance = rowMean(mul(centred, centred))
  const deviation = emit('Sqrt', [shift(variance, EPSILON)], { shape: variance.shape })
  const normal = div(centred, deviation)
  const along = (g: Tensor) => {
    const inner = mul(g, gain)
    const offset = add(rowMean(inner), mul(normal, rowMean(mul(inner, normal))))
    return div(sub(inner, offset), deviation)
  }
  return linked(add(mul(normal, gain), bias), [
    { to: x, gradient: along },
    { to: gain, gradient: (g) => reduceSum(mul(g, normal), [0]) },
    { to: bias, gradient: (g) => reduceSum(g, [0]) },
  ])
}
