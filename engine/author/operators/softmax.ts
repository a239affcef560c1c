/** Softmax and its logarithm over the last axis. */
import { emit, linked, type Tensor } from '../tape/tape.ts'
import { exp } from './activations.ts'
import { mul, sub } from './arithmetic.ts'
import { keptSum } from './reduce.ts'

/** e^x / Σ e^x: the gradient is p (g − Σ g p). */
export function softmax(x: Tensor): Tensor {
  const result = overLast('Softmax', x)
  const along = (g: Tensor) => mul(result, sub(g, keptSum(mul(g, result), [x.shape.length - 1])))
  return linked(result, [{ to: x, gradient: along }])
}

/** x − ln Σ e^x: the gradient is g − p Σ g. */
export function logSoftmax(x: Tensor): Tensor {
  const result = overLast('LogSoftmax', x)
  const along = (g: Tensor) => sub(g, mul(exp(result), keptSum(g, [x.shape.length - 1])))
  return linked(result, [{ to: x, gradient: along }])
}

function overLast(operator: string, x: Tensor): Tensor {
  return emit(operator, [x], { shape: x.shape }, { axis: BigInt(x.shape.length - 1) })
}
