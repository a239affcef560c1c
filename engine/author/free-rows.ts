/**
 * A graph of a fixed number of rows as one that takes any number of them.
 *
 * Packages fix how many rows a graph takes at once, because that decides bits. Other programs want one row, or a thousand. Most
 * operators don't care; those that reshape have the number in a constant. Which element of the constant it is follows from where
 * rows stand in what is reshaped: elements keep their order, so the distance from one row to the next stays.
 */
import { clone, create } from '@bufbuild/protobuf'
import { type GraphProto, GraphProtoSchema, type NodeProto, TensorProtoSchema } from 'onnx-buf'
import type { GraphPort } from '../package/graph-check.ts'
import { labelOf } from '../package/graph-label.ts'
import { elementCount } from '../package/safetensors.ts'
import { measureGraph } from '../package/sizes/graph-cost.ts'
import type { Value } from '../package/sizes/value.ts'
import { EngineRefusal } from '../refusal.ts'
import { intsConstant } from './onnx-author.ts'

/** What a graph takes: tensors as they are, and inputs by the shape of one row. */
export type RowPorts = { tensors: readonly GraphPort[]; inputs: readonly GraphPort[] }

/** Where rows stand in a shape: their axis, and how many of its elements lie from one row to the next. */
type Place = { axis: number; inner: number }
type Sizes = ReadonlyMap<string, Value>
type Walk = { graph: GraphProto; rows: number; fixed: Sizes; places: Map<string, Place> }

/** Operators that keep the order of elements. */
const RESHAPING: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'])
/** Operators whose second input is a shape. */
const SHAPED: ReadonlySet<string> = new Set(['Reshape', 'Expand'])
const NO_LIMITS = { maxOperations: Number.POSITIVE_INFINITY, maxMemoryBytes: Number.POSITIVE_INFINITY }

/**
 * The nodes and constants of a graph for any number of rows, without its ports; undefined if they hold for `rows` rows alone.
 *
 * @param rows that the graph takes as it is
 */
export function freeRows(
  original: GraphProto,
  ports: RowPorts,
  rows: number,
): Pick<GraphProto, 'node' | 'initializer'> | undefined {
  const graph = clone(GraphProtoSchema, original)
  const fixed = sizesOf(graph, ports, rows)
  if (fixed === undefined) return undefined
  const places = new Map(ports.inputs.map(({ name }): [string, Place] => [name, { axis: 0, inner: 1 }]))
  const walk: Walk = { graph, rows, fixed, places }
  let twice: Sizes | undefined
  for (const [i, node] of graph.node.entries()) {
    if (i === 0 || SHAPED.has(node.opType)) {
      freeShape(walk, node)
      twice = sizesOf({ ...graph, node: graph.node.slice(0, nextShaped(graph, i)) }, ports, 2 * rows)
    }
    if (twice === undefined || !follow(walk, node, twice)) return undefined
  }
  if (!isFree(walk, ports)) return undefined
  const used = new Set(graph.node.flatMap(({ input }) => input))
  return { node: graph.node, initializer: graph.initializer.filter(({ name }) => used.has(name)) }
}

/** Types and shapes of all values for so many rows; undefined where they don't fit together. */
function sizesOf(graph: GraphProto, { tensors, inputs }: RowPorts, rows: number): Sizes | undefined {
  const batch = inputs.map((port) => ({ ...port, shape: [rows, ...port.shape] }))
  const signature = { inputs: [...tensors, ...batch], outputs: [] }
  try {
    return measureGraph(graph, { signature, labelOf, limits: NO_LIMITS }).values
  } catch (error) {
    if (error instanceof EngineRefusal) return undefined
    throw error
  }
}

function nextShaped({ node }: GraphProto, from: number): number {
  const found = node.findIndex(({ opType }, i) => i > from && SHAPED.has(opType))
  return found < 0 ? node.length : found
}

/** Gives the node a shape of its own in which the number of rows is left open. */
function freeShape({ graph, rows, fixed, places }: Walk, node: NodeProto): void {
  const [from, shape] = node.input
  const place = places.get(from!)
  if (place === undefined || !SHAPED.has(node.opType)) return
  const before = fixed.get(from!)!.shape
  const after = fixed.get(node.output[0]!)!.shape
  const isReshape = node.opType === 'Reshape'
  const axis = isReshape
    ? reshaped(place, { before, after, rows })?.axis
    : place.axis + after.length - before.length
  if (axis === undefined || !graph.initializer.some(({ name }) => name === shape)) return
  // An expansion to 1 leaves the input's own size.
  const sizes = after.map(BigInt).with(axis, isReshape ? -1n : 1n)
  node.input[1] = `${node.output[0]}/any-rows`
  graph.initializer.push(create(TensorProtoSchema, intsConstant(node.input[1], sizes)))
}

/** Notes where the rows stand in what a node gives. @returns whether that can be told */
function follow({ rows, fixed, places }: Walk, node: NodeProto, twice: Sizes): boolean {
  const from = node.input.flatMap((name) => places.get(name) ?? [])
  return node.output.every((name) => {
    if (name === '') return true
    const [after, wide] = [fixed.get(name)!.shape, twice.get(name)!.shape]
    const grown = after.flatMap((size, axis) => (wide[axis] === size ? [] : [axis]))
    if (grown.length === 0) return true
    const place = RESHAPING.has(node.opType)
      ? reshaped(from[0], { before: fixed.get(node.input[0]!)!.shape, after, rows })
      : { axis: grown[0]!, inner: from[0]?.inner ?? 0 }
    const isOne = grown.length === 1 && grown[0] === place?.axis && wide[grown[0]!] === 2 * after[grown[0]!]!
    if (place === undefined || !isOne || from.some(({ inner }) => inner !== from[0]!.inner)) return false
    places.set(name, place)
    return after[place.axis]! % (rows * place.inner) === 0
  })
}

/** Where the rows stand once elements that keep their order have another shape. */
function reshaped(
  place: Place | undefined,
  { before, after, rows }: { before: readonly number[]; after: readonly number[]; rows: number },
): Place | undefined {
  if (place === undefined) return undefined
  const distance = place.inner * elementCount(before.slice(place.axis + 1))
  for (let axis = after.length - 1, size = 1; axis >= 0; size *= after[axis--]!) {
    if (distance >= size * after[axis]!) continue
    const inner = distance / size
    return Number.isInteger(inner) && after[axis]! % (rows * inner) === 0 ? { axis, inner } : undefined
  }
  return undefined
}

/** Whether each output has a row for each sample, however many there are. */
function isFree({ graph, rows, fixed }: Walk, ports: RowPorts): boolean {
  return [1, 2 * rows].every((count) => {
    const sizes = sizesOf(graph, ports, count)
    return graph.output.every(({ name }) => {
      const [, ...row] = fixed.get(name)!.shape
      return sizes?.get(name)?.shape.join() === [count, ...row].join()
    })
  })
}
