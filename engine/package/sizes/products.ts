/** Sizes of products, convolutions, pools, normalisations and reductions. */
import { TensorProto_DataType as DataType } from 'onnx-buf'
import { elementCount } from '../safetensors.ts'
import { broadcast, type Rule } from './elementwise.ts'
import { axisOf, type Found, type Node, refuse, sizeOf, sumOf } from './node.ts'
import { exactContents, isWhole, makeComputed, makeValue, type Value } from './value.ts'

/** An element's share of other work, beside a product's multiply–add. Measured: see decision 0023. */
const NORMALISED_ELEMENT = 128
const REDUCED_ELEMENT = 64
const POOLED_ELEMENT = 4
/** What a general product may copy and reorder. */
const REORDERED_ELEMENT = 512
const SCATTERED_PRODUCT = 8

const misfit = (node: Node): never =>
  refuse(
    `has inputs of shapes [${node.inputs.map((one) => one?.shape ?? '').join('] and [')}], which don't fit together; make them fit`,
  )

const matMul: Rule = (node) => {
  const [a, b] = [node.input(0), node.input(1)]
  if (a.shape.length === 0 || b.shape.length === 0) return misfit(node)
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape
  const [rows, inner] = left.slice(-2) as [number, number]
  const [innerToo, columns] = right.slice(-2) as [number, number]
  if (inner !== innerToo) return misfit(node)
  const many = broadcast([left.slice(0, -2), right.slice(0, -2)])
  const shape = [...many, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])]
  const operations = elementCount(many) * rows * inner * columns
  return { outputs: [makeValue(a.type, shape)], operations }
}

const gemm: Rule = (node) => {
  const [a, b] = [node.input(0), node.input(1)]
  if (a.shape.length !== 2 || b.shape.length !== 2) return misfit(node)
  const [rows, inner] = node.flag('transA', false) ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!]
  const [innerToo, columns] = node.flag('transB', false)
    ? [b.shape[1]!, b.shape[0]!]
    : [b.shape[0]!, b.shape[1]!]
  if (inner !== innerToo) return misfit(node)
  const shape = [rows, columns]
  const c = node.inputs[2]
  if (c !== undefined && elementCount(broadcast([c.shape, shape])) !== rows * columns) return misfit(node)
  return { outputs: [makeValue(a.type, shape)], operations: rows * columns * (inner + 1) }
}

/** Labels are letters; an ellipsis is refused: its labels have no names. */
const einsum: Rule = (node) => {
  const equation = node.text('equation', '').replaceAll(' ', '')
  const [left = '', right] = equation.split('->')
  const terms = left.split(',')
  const fits = /^[A-Za-z,]*$/.test(left) && terms.length === node.inputs.length
  if (!fits || equation.split('->').length > 2 || !/^[A-Za-z]*$/.test(right ?? ''))
    refuse(`has the equation "${equation.slice(0, 60)}"; use letters, commas and ->, a term for each input`)
  const sizes = new Map<string, number>()
  terms.forEach((term, i) => {
    const { shape } = node.input(i)
    if (term.length !== shape.length) misfit(node)
    for (const [at, label] of [...term].entries()) {
      const size = sizes.get(label) ?? shape[at]!
      // A label of size 1 is stretched.
      if (size !== shape[at] && size !== 1 && shape[at] !== 1) misfit(node)
      sizes.set(label, Math.max(size, shape[at]!))
    }
  })
  const output = right ?? implied(left)
  const shape = [...output].map((label) => sizes.get(label) ?? misfit(node))
  const moved = [shape, ...node.inputs.map((one) => one!.shape)].reduce(
    (sum, of) => sum + elementCount(of),
    0,
  )
  return {
    outputs: [makeValue(node.input(0).type, shape)],
    operations: elementCount([...sizes.values()]) + REORDERED_ELEMENT * moved,
  }
}

/** Labels that stand once, in the alphabet's order: the output when the equation names none. */
function implied(left: string): string {
  const labels = [...left.replaceAll(',', '')]
  return labels
    .filter((label) => labels.indexOf(label) === labels.lastIndexOf(label))
    .sort()
    .join('')
}

type Windows = { kernel: number[]; strides: number[]; dilations: number[]; pads: number[]; auto: string }

function windowsOf(node: Node, kernel: number[]): Windows {
  const rank = kernel.length
  const list = (name: string, length: number, otherwise: number) => {
    const found = node.ints(name) ?? new Array<number>(length).fill(otherwise)
    if (found.length !== length) refuse(`has ${found.length} values as ${name}; give ${length}`)
    return found.map((size) => sizeOf(size, name))
  }
  const strides = list('strides', rank, 1)
  if (strides.includes(0)) refuse('has a stride of 0; use 1 or more')
  if (kernel.some((one) => !(one >= 1))) refuse(`has the kernel [${kernel}]; use sizes of 1 or more`)
  const auto = node.text('auto_pad', 'NOTSET')
  return { kernel, strides, dilations: list('dilations', rank, 1), pads: list('pads', 2 * rank, 0), auto }
}

/** Size of a pool's or convolution's output along one axis. */
function slid(
  { kernel, strides, dilations, pads, auto }: Windows,
  i: number,
  size: number,
  ceil: boolean,
): number {
  const stride = strides[i]!
  if (auto.startsWith('SAME')) return Math.ceil(size / stride)
  const padding = auto === 'VALID' ? 0 : sumOf(pads[i]!, pads[i + kernel.length]!)
  const reach = sumOf(dilations[i]! * (kernel[i]! - 1), 1)
  const steps = sumOf(size, padding, -reach) / stride
  if (steps < 0)
    return refuse(`has a kernel of ${reach} for ${size + padding} values; make it smaller, or pad`)
  if (!ceil) return Math.floor(steps) + 1
  // No window may begin in the padding at the end.
  const last = Math.ceil(steps)
  return last * stride >= size + pads[i]! ? last : last + 1
}

const spatial = (node: Node): number[] => {
  const { shape } = node.input(0)
  return shape.length >= 3 ? shape.slice(2) : misfit(node)
}

const conv: Rule = (node) => {
  const [x, w] = [node.input(0), node.input(1)]
  const sizes = spatial(node)
  const [maps, each, ...kernel] = w.shape as [number, number, ...number[]]
  const group = node.int('group', 1)
  if (kernel.length !== sizes.length || x.shape[1] !== each * group || group < 1) return misfit(node)
  const windows = windowsOf(node, kernel)
  const shape = [x.shape[0]!, maps, ...sizes.map((size, i) => slid(windows, i, size, false))]
  return {
    outputs: [makeValue(x.type, shape)],
    operations: elementCount(shape) * (each * elementCount(kernel) + 1),
  }
}

const convTranspose: Rule = (node) => {
  const [x, w] = [node.input(0), node.input(1)]
  const sizes = spatial(node)
  const [channels, each, ...kernel] = w.shape as [number, number, ...number[]]
  const group = node.int('group', 1)
  if (kernel.length !== sizes.length || x.shape[1] !== channels || group < 1) return misfit(node)
  if (node.ints('output_shape') !== undefined || node.text('auto_pad', 'NOTSET') !== 'NOTSET')
    refuse('has output_shape or auto_pad; give pads and output_padding instead')
  const { strides, dilations, pads } = windowsOf(node, kernel)
  const more = node.ints('output_padding') ?? kernel.map(() => 0)
  const grown = sizes.map((size, i) => {
    const reach = sumOf(dilations[i]! * (kernel[i]! - 1), 1)
    const padding = sumOf(pads[i]!, pads[i + kernel.length]!)
    return sizeOf(sumOf(strides[i]! * (size - 1), more[i] ?? 0, reach, -padding), 'the size of its output')
  })
  const shape = [x.shape[0]!, each * group, ...grown]
  return {
    outputs: [makeValue(x.type, shape)],
    operations: SCATTERED_PRODUCT * elementCount(x.shape) * each * elementCount(kernel) + elementCount(shape),
  }
}

const pool: Rule = (node) => {
  const x = node.input(0)
  const sizes = spatial(node)
  const kernel = node.ints('kernel_shape') ?? refuse('has no kernel_shape; give one')
  if (kernel.length !== sizes.length) return misfit(node)
  const windows = windowsOf(node, kernel)
  const ceil = node.flag('ceil_mode', false)
  const shape = [...x.shape.slice(0, 2), ...sizes.map((size, i) => slid(windows, i, size, ceil))]
  const outputs = [makeValue(x.type, shape), makeValue(DataType.INT64, shape)].slice(0, node.outputCount)
  return { outputs, operations: elementCount(shape) * elementCount(kernel) * POOLED_ELEMENT }
}

const globalPool: Rule = (node) => {
  const { type, shape } = node.input(0)
  const sizes = spatial(node)
  const outputs = [makeValue(type, [...shape.slice(0, 2), ...sizes.map(() => 1)])]
  return { outputs, operations: elementCount(shape) * REDUCED_ELEMENT }
}

/** In training it gives the running mean and variance, too. */
const batchNormalization: Rule = (node) => {
  const { type, shape } = node.input(0)
  const outputs = [makeValue(type, shape), node.input(3), node.input(4)].map(({ type, shape }) => ({
    type,
    shape,
  }))
  return { outputs: outputs.slice(0, node.outputCount), operations: elementCount(shape) * NORMALISED_ELEMENT }
}

/** It gives the mean and the inverse deviation, too, with the normalised axes kept at 1. */
const layerNormalization: Rule = (node) => {
  const { type, shape } = node.input(0)
  const from = axisOf(node.int('axis', -1), shape.length)
  const kept = makeValue(
    type,
    shape.map((size, i) => (i < from ? size : 1)),
  )
  const outputs = [makeValue(type, shape), kept, kept].slice(0, node.outputCount)
  return { outputs, operations: elementCount(shape) * NORMALISED_ELEMENT }
}

/** Since operator set 13 for sums, and 18 for the others, axes are an input. */
const reduce: Rule = (node) => {
  const { type, shape } = node.input(0)
  const axes = node.ints('axes') ?? node.constant(1)
  const isNoop = (axes ?? []).length === 0 && node.flag('noop_with_empty_axes', false)
  return reduced(node, isNoop ? [] : axes?.length ? axes : shape.map((_, i) => i), type)
}

const argument: Rule = (node) => reduced(node, [node.int('axis', 0)], DataType.INT64)

function reduced(node: Node, axes: readonly number[], type: number): Found {
  const value = node.input(0)
  const { shape } = value
  const gone = new Set(axes.map((axis) => axisOf(axis, shape.length)))
  const left = node.flag('keepdims', true)
    ? shape.map((size, i) => (gone.has(i) ? 1 : size))
    : shape.filter((_, i) => !gone.has(i))
  const known = node.opType === 'ReduceProd' ? productOf(value, left) : undefined
  return { outputs: [makeComputed(type, left, known)], operations: elementCount(shape) * REDUCED_ELEMENT }
}

/** Exporters multiply a shape's sizes to count elements. */
function productOf(value: Value, left: readonly number[]): number[] | undefined {
  if (elementCount(left) !== 1 || !isWhole(value.type)) return undefined
  const sizes = exactContents(value)
  return sizes && [sizes.reduce((product, size) => product * size, 1)]
}

export const PRODUCTS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['MatMul', matMul],
  ['Gemm', gemm],
  ['Einsum', einsum],
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['AveragePool', pool],
  ['MaxPool', pool],
  ['GlobalAveragePool', globalPool],
  ['GlobalMaxPool', globalPool],
  ['BatchNormalization', batchNormalization],
  ['LayerNormalization', layerNormalization],
  ...['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'].map(
    (name) => [`Reduce${name}`, reduce] as const,
  ),
  ['ArgMax', argument],
  ['ArgMin', argument],
])
