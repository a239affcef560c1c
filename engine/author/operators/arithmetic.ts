/** Operators of two tensors, the smaller one stretched by NumPy's rule; and what a number does to a tensor. */
import { emit, linked, scalar, type Tensor } from '../tape/tape.ts'
import { keptSum, reduceSum } from './reduce.ts'
import { reshape } from './shapes.ts'

export function add(a: Tensor, b: Tensor): Tensor {
  return linked(elementwise('Add', a, b), [
    { to: a, gradient: (g) => summedTo(g, a.shape) },
    { to: b, gradient: (g) => summedTo(g, b.shape) },
  ])
}

export function sub(a: Tensor, b: Tensor): Tensor {
  return linked(elementwise('Sub', a, b), [
    { to: a, gradient: (g) => summedTo(g, a.shape) },
    { to: b, gradient: (g) => negate(summedTo(g, b.shape)) },
  ])
}

export function mul(a: Tensor, b: Tensor): Tensor {
  return linked(elementwise('Mul', a, b), [
    { to: a, gradient: (g) => summedTo(mul(g, b), a.shape) },
    { to: b, gradient: (g) => summedTo(mul(g, a), b.shape) },
  ])
}

export function div(a: Tensor, b: Tensor): Tensor {
  const result = elementwise('Div', a, b)
  return linked(result, [
    { to: a, gradient: (g) => summedTo(div(g, b), a.shape) },
    { to: b, gradient: (g) => negate(summedTo(mul(div(g, b), result), b.shape)) },
  ])
}

/** A tensor times a number. */
export function scale(x: Tensor, factor: number): Tensor {
  return mul(x, scalar(x.tape, factor))
}

/** A tensor plus a number. */
export function shift(x: Tensor, by: number): Tensor {
  return add(x, scalar(x.tape, by))
}

export function negate(x: Tensor): Tensor {
  return linked(emit('Neg', [x], { shape: x.shape }), [{ to: x, gradient: negate }])
}

/** The shape that two are stretched to. @throws Error that tells both if they don't fit */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const [of, and] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1]
    if (of !== and && of !== 1 && and !== 1) throw new Error(`shapes [${a}] and [${b}] don't fit together`)
    return of === 1 ? and : of
  })
}

function elementwise(operator: string, a: Tensor, b: Tensor): Tensor {
  return emit(operator, [a, b], { shape: broadcast(a.shape, b.shape) })
}

/** The gradient of a tensor that was stretched: the sum over what it was stretched to. */
function summedTo(g: Tensor, shape: readonly number[]): Tensor {
  const added = g.shape.length - shape.length
  const leading = Array.from({ length: added }, (_, i) => i)
  const stretched = shape.flatMap((size, i) => (size === 1 && g.shape[added + i] !== 1 ? [added + i] : []))
  if (stretched.length === 0) return leading.length === 0 ? g : reduceSum(g, leading)
  const sum = keptSum(g, [...leading, ...stretched])
  return leading.length === 0 ? sum : reshape(sum, shape)
}
