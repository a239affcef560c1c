/** Operators that move values: each element's gradient goes where the element came from. */
import { elementCount } from '../../package/safetensors.ts'
import { emit, ints, linked, type Tensor } from '../tape/tape.ts'

/** The same values in another shape of as many elements. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (elementCount(shape) !== elementCount(x.shape))
    throw new Error(`[${x.shape}] can't become [${shape}]: the number of elements differs`)
  if (shape.join() === x.shape.join()) return x
  const maker = x.tape.makers.get(x)
  const before = maker?.operator === 'Reshape' ? maker.inputs[0]! : undefined
  if (before?.shape.join() === shape.join()) return before
  const result = emit('Reshape', [x, ints(x.tape, shape)], { shape, type: x.type })
  return linked(result, [{ to: x, gradient: (g) => reshape(g, x.shape) }])
}

/** Axis `i` of the result is axis `order[i]` of `x`. What is turned back costs nothing. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const maker = x.tape.makers.get(x)
  const earlier =
    maker?.operator === 'Transpose' ? (maker.attributes.perm as bigint[]).map(Number) : undefined
  if (earlier !== undefined && order.every((axis, i) => earlier[axis] === i)) return maker!.inputs[0]!
  const shape = order.map((axis) => x.shape[axis]!)
  const result = emit('Transpose', [x], { shape, type: x.type }, { perm: order.map(BigInt) })
  const back = order.map((_, axis) => order.indexOf(axis))
  return linked(result, [{ to: x, gradient: (g) => transpose(g, back) }])
}

/** The last two axes exchanged. */
export function transposed(x: Tensor): Tensor {
  const last = x.shape.length - 1
  return transpose(
    x,
    x.shape.map((_, i) => (i === last ? last - 1 : i === last - 1 ? last : i)),
  )
}

/** A number repeated to a shape. */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  return emit('Expand', [x, ints(x.tape, shape)], { shape, type: x.type })
}

/** Tensors of one shape but for `axis`, one behind the other along it. */
export function concat(parts: readonly [Tensor, ...Tensor[]], axis: number): Tensor {
  const [first] = parts
  const starts = parts.map((_, i) => sum(parts.slice(0, i).map(({ shape }) => shape[axis]!)))
  const shape = first.shape.with(axis, sum(parts.map((part) => part.shape[axis]!)))
  const result = emit('Concat', parts, { shape, type: first.type }, { axis: BigInt(axis) })
  return linked(
    result,
    parts.map((to, i) => ({
      to,
      gradient: (g) => slice(g, [{ axis, start: starts[i]!, count: to.shape[axis]! }]),
    })),
  )
}

/** `count` places of an axis from `start` on, every `step`th. */
export type Cut = { axis: number; start: number; count: number; step?: number }

/** A part of a tensor, which passes no gradient on. */
export function slice(x: Tensor, cuts: readonly Cut[]): Tensor {
  const list = (of: (cut: Cut) => number) => ints(x.tape, cuts.map(of))
  const stepOf = ({ step = 1 }: Cut) => step
  const end = (cut: Cut) => cut.start + (cut.count - 1) * stepOf(cut) + 1
  const shape = cuts.reduce((cut, { axis, count }) => cut.with(axis, count), x.shape.slice())
  const places = [list(({ start }) => start), list(end), list(({ axis }) => axis), list(stepOf)]
  return emit('Slice', [x, ...places], { shape, type: x.type })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
