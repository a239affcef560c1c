/** Sums and means over axes. */
import { emit, ints, linked, scalar, sizeOf, type Tensor } from '../tape/tape.ts'
import { expand, reshape } from './shapes.ts'

/** Sum over axes, which are left out of the result. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  const result = reduced('ReduceSum', x, axes, false)
  return linked(result, [{ to: x, gradient: (g) => spread(g, x, axes) }])
}

/** Mean over axes, which are left out of the result; over all of them by default. */
export function reduceMean(x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i)): Tensor {
  const result = reduced('ReduceMean', x, axes, false)
  const share = scalar(x.tape, sizeOf(result) / sizeOf(x))
  return linked(result, [
    { to: x, gradient: (g) => spread(emit('Mul', [g, share], { shape: g.shape }), x, axes) },
  ])
}

/** Sum over axes that stay, with size 1; it passes no gradient on. */
export function keptSum(x: Tensor, axes: readonly number[]): Tensor {
  return reduced('ReduceSum', x, axes, true)
}

/** Mean over the last axis, which stays, with size 1; it passes no gradient on. */
export function rowMean(x: Tensor): Tensor {
  return reduced('ReduceMean', x, [x.shape.length - 1], true)
}

function reduced(
  operator: 'ReduceSum' | 'ReduceMean',
  x: Tensor,
  axes: readonly number[],
  keeps: boolean,
): Tensor {
  const shape = keeps
    ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    : x.shape.filter((_, i) => !axes.includes(i))
  const keepdims = keeps ? 1n : 0n
  return operator === 'ReduceSum'
    ? emit(operator, [x, ints(x.tape, axes)], { shape }, { keepdims })
    : // In this operator set a mean's axes are an attribute.
      emit(operator, [x], { shape }, { keepdims, axes: axes.map(BigInt) })
}

/** A gradient stretched over the axes that were summed. */
function spread(g: Tensor, { shape }: Tensor, axes: readonly number[]): Tensor {
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size))
  return expand(reshape(g, kept), shape)
}
