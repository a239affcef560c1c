/** Sizes of operators that work element by element. */
import { TensorProto_DataType as DataType } from 'onnx-buf'
import { elementCount } from '../safetensors.ts'
import { type Found, type Node, refuse } from './node.ts'
import { exactContents, isWhole, MOST_FOLLOWED, makeComputed, makeValue, type Value } from './value.ts'

export type Rule = (node: Node) => Found

/** An element of arithmetic costs memory traffic where a product's multiply–add does not. Measured: see decision 0023. */
const ELEMENT = 4
/** Exponentials, logarithms, roots and what is made of them. */
const COSTLY_ELEMENT = 16
/** What the engine computes one element after another. */
const SLOW_ELEMENT = 64
/** What it computes by several functions of the system's library for each. */
const SLOWEST_ELEMENT = 512

/** The shape that several are stretched to, by NumPy's rule. */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length))
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((shape) => shape[i - rank + shape.length] ?? 1)
    const size = sizes.find((one) => one !== 1) ?? 1
    if (sizes.every((one) => one === 1 || one === size)) return size
    return refuse(`has inputs of shapes [${shapes.join('] and [')}], which don't fit together; make them fit`)
  })
}

const work = (shape: readonly number[], cost: number) => cost * elementCount(shape)

/** One output like the first input. */
const alike =
  (cost: number): Rule =>
  (node) => {
    const { type, shape } = node.input(0)
    return { outputs: [makeValue(type, shape)], operations: work(shape, cost) }
  }

/** One output of the inputs' common shape; `type` is the first input's unless it is given. */
const stretched =
  (cost: number, type?: number): Rule =>
  (node) => {
    const inputs = node.inputs.map((_, i) => node.input(i))
    const shape = broadcast(inputs.map((one) => one.shape))
    const of = type ?? node.input(0).type
    return { outputs: [makeValue(of, shape)], operations: work(shape, cost * Math.max(1, inputs.length - 1)) }
  }

/** Follows the contents of whole numbers: shapes are computed with these. */
const counting =
  (rule: Rule, compute: (...values: number[]) => number): Rule =>
  (node) => {
    const found = rule(node)
    const { type, shape } = found.outputs[0]!
    const inputs = node.inputs.map((_, i) => node.input(i))
    const known = inputs.map((one) => (isWhole(one.type) ? exactContents(one) : undefined))
    if (known.includes(undefined) || elementCount(shape) > MOST_FOLLOWED) return found
    const contents = Array.from({ length: elementCount(shape) }, (_, at) =>
      compute(...inputs.map((one, i) => known[i]![placeIn(one, shape, at)]!)),
    )
    return { ...found, outputs: [makeComputed(type, shape, contents)] }
  }

/** Place in a value of the element that is stretched to place `at` of `shape`. */
function placeIn({ shape: own }: Value, shape: readonly number[], at: number): number {
  let rest = at
  let place = 0
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    const index = rest % shape[i]!
    rest = Math.floor(rest / shape[i]!)
    const size = own[i - shape.length + own.length]
    if (size === undefined) break
    if (size !== 1) place += index * stride
    stride *= size
  }
  return place
}

const cast: Rule = (node) => {
  const from = node.input(0)
  const type = node.opType === 'Cast' ? node.int('to', DataType.FLOAT) : node.input(1).type
  const contents = exactContents(from)?.map((value) =>
    type === DataType.BOOL ? Number(value !== 0) : isWhole(type) ? Math.trunc(value) : value,
  )
  return { outputs: [makeComputed(type, from.shape, contents)], operations: work(from.shape, ELEMENT) }
}

const identity: Rule = (node) => {
  const value = node.input(0)
  return { outputs: [value], operations: work(value.shape, 1) }
}

/** The condition first, then the two choices. */
const where: Rule = (node) => {
  const [condition, ...choices] = [0, 1, 2].map((i) => node.input(i))
  const shape = broadcast([condition!, ...choices].map((one) => one.shape))
  return { outputs: [makeValue(choices[0]!.type, shape)], operations: work(shape, ELEMENT) }
}

const plain = alike(ELEMENT)
const costly = alike(COSTLY_ELEMENT)
const slow = alike(SLOW_ELEMENT)
const slowest = alike(SLOWEST_ELEMENT)
const sum = stretched(ELEMENT)
const verdict = stretched(ELEMENT, DataType.BOOL)

/** Integers divide towards zero; by zero they don't. */
const divide = (a: number, b: number) => (b === 0 ? refuse('divides a constant by zero') : Math.trunc(a / b))
const remainder = (a: number, b: number) => (b === 0 ? refuse('divides a constant by zero') : a % b)

/** The remainder has the divisor's sign, with `fmod` the dividend's. */
const modulo: Rule = (node) => {
  const isLikeC = node.flag('fmod', false)
  return counting(stretched(COSTLY_ELEMENT), (a, b) =>
    isLikeC ? remainder(a, b) : remainder(remainder(a, b) + b, b),
  )(node)
}

export const ELEMENTWISE: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...['Ceil', 'Clip', 'Floor', 'LeakyRelu', 'Reciprocal', 'Relu', 'Round', 'Sign', 'Trilu'].map(
    (name) => [name, plain] as const,
  ),
  ...['HardSigmoid', 'HardSwish', 'Not'].map((name) => [name, plain] as const),
  ...['Elu', 'Exp', 'Log', 'LogSoftmax', 'Selu', 'Sigmoid', 'Softmax'].map((name) => [name, costly] as const),
  ...['Softsign', 'Sqrt', 'Tanh'].map((name) => [name, costly] as const),
  ...['InstanceNormalization', 'GroupNormalization'].map((name) => [name, costly] as const),
  ...['Cos', 'CumSum', 'Erf', 'Gelu', 'Sin', 'Tan'].map((name) => [name, slow] as const),
  ...['Mish', 'Softplus'].map((name) => [name, slowest] as const),
  ['Abs', counting(plain, Math.abs)],
  ['Neg', counting(plain, (a) => -a)],
  ['Add', counting(sum, (a, b) => a + b)],
  ['Sub', counting(sum, (a, b) => a - b)],
  ['Mul', counting(sum, (a, b) => a * b)],
  ['Div', counting(sum, divide)],
  ['Mod', modulo],
  ['Max', counting(sum, Math.max)],
  ['Min', counting(sum, Math.min)],
  ['Pow', stretched(COSTLY_ELEMENT)],
  ['Sum', sum],
  ['Mean', sum],
  ['PRelu', sum],
  ['Equal', counting(verdict, (a, b) => Number(a === b))],
  ['Greater', counting(verdict, (a, b) => Number(a > b))],
  ['GreaterOrEqual', counting(verdict, (a, b) => Number(a >= b))],
  ['Less', counting(verdict, (a, b) => Number(a < b))],
  ['LessOrEqual', counting(verdict, (a, b) => Number(a <= b))],
  ...['And', 'Or', 'Xor'].map((name) => [name, verdict] as const),
  ['Where', counting(where, (condition, a, b) => (condition ? a : b))],
  ['Identity', identity],
  ['Cast', cast],
  ['CastLike', cast],
])
