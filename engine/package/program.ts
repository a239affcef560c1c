/**
 * The program of a task: step.onnx as descriptors that a contract can check one at a time. The encoding and the root are those of
 * sdk/protocol/program.ts.
 *
 * What changes nothing about what a node computes is left out: names of nodes and of values in between, the order of inputs,
 * outputs and initializers in the file, initializers that no node takes, how a constant's values are stored, documentation,
 * versions of the file format. The nodes' order stays: it numbers them. So a graph whose nodes stand in another order has another
 * root, even if both orders compute the same. An attribute that is given with its default value is another one than none.
 */
import {
  type Attribute,
  NO_CONTENT,
  OPERAND_SOURCE,
  type Operand,
  type Program,
  type ProgramNode,
  type Result,
  stringsValue,
  tensorValue,
} from '@assay/sdk/protocol/program.ts'
import { bytesToHex } from '@noble/hashes/utils.js'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf'
import type { Hash } from '../hash.ts'
import type { CheckedGraph, GraphSignature } from './graph-check.ts'
import { bytesRoot } from './state-tree.ts'

type Values = CheckedGraph['values']

const ABSENT: Operand = {
  source: OPERAND_SOURCE.absent,
  index: 0,
  result: 0,
  elementType: 0,
  shape: [],
  content: NO_CONTENT,
}
const CHUNK_BYTES = 1024
/** Booleans are filled up with zeros to a multiple of this. */
const VALUE_BYTES = 4
/** What every NaN is written as: what a machine makes of one differs. */
const NAN_BITS = 0x7fc00000

/**
 * Describes a step graph that passed all checks.
 *
 * @param task the size of its states' chunks, and the learning rate; NaN where that differs between steps. No contract can take NaN for
 * a rate: which one a step has follows from the schedule in task.json alone, so steps of such a task are a jury's.
 */
export function describeProgram(
  { graph, operatorSet, values }: Pick<CheckedGraph, 'graph' | 'operatorSet' | 'values'>,
  task: { signature: GraphSignature; rate: number; stateChunkBytes: number },
): Program {
  const { signature, rate, stateChunkBytes } = task
  const operands = operandsOf(graph, signature, values)
  const operandOf = (name: string) => (name === '' ? ABSENT : operands.get(name)!)
  return {
    frame: {
      learningRate: floatBits(rate),
      stateChunkBytes,
      inputs: signature.inputs,
      outputs: signature.outputs.map(({ name }) => operandOf(name)),
    },
    nodes: graph.node.map(
      (node): ProgramNode => ({
        operatorSet,
        operator: node.opType,
        operands: node.input.map(operandOf),
        results: node.output.map((name) => resultOf(name, values)),
        attributes: attributesOf(node),
      }),
    ),
  }
}

/** Each value by name, as the nodes that take it see it. */
function operandsOf(
  graph: GraphProto,
  { inputs }: GraphSignature,
  values: Values,
): ReadonlyMap<string, Operand> {
  const operands = new Map<string, Operand>()
  const add = (name: string, origin: Partial<Operand>) => {
    const { elementType, shape } = resultOf(name, values)
    operands.set(name, { ...ABSENT, elementType, shape, ...origin })
  }
  for (const [index, { name }] of inputs.entries()) add(name, { source: OPERAND_SOURCE.input, index })
  for (const tensor of graph.initializer)
    add(tensor.name, { source: OPERAND_SOURCE.constant, content: contentOf(tensor) })
  for (const [index, { output }] of graph.node.entries())
    for (const [result, name] of output.entries())
      if (name !== '') add(name, { source: OPERAND_SOURCE.node, index, result })
  return operands
}

function resultOf(name: string, values: Values): Result {
  const value = values.get(name)
  return value === undefined ? { elementType: 0, shape: [] } : { elementType: value.type, shape: value.shape }
}

function attributesOf({ attribute }: NodeProto): Attribute[] {
  const found = attribute.map((one) => ({
    name: one.name,
    kind: one.type as number,
    value: attributeValue(one),
  }))
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function attributeValue({ type, f, i, s, t, floats, ints, strings }: AttributeProto): `0x${string}` {
  switch (type) {
    case AttributeType.FLOAT:
      return floatsHex([f])
    case AttributeType.FLOATS:
      return floatsHex(floats)
    case AttributeType.INT:
      return intsHex([i])
    case AttributeType.INTS:
      return intsHex(ints)
    case AttributeType.STRING:
      return hex(s)
    case AttributeType.STRINGS:
      return stringsValue(strings.map(hex))
    default:
      return t === undefined
        ? '0x'
        : tensorValue({ elementType: t.dataType, shape: t.dims.map(Number) }, contentOf(t))
  }
}

/** The hash of a constant's values: a tree of chunks like a tensor of the state, so that a case can open one of them. */
function contentOf(tensor: TensorProto): Hash {
  const bytes = bytesOf(tensor)
  if (bytes.length === 0) return NO_CONTENT
  const whole = new Uint8Array(VALUE_BYTES * Math.ceil(bytes.length / VALUE_BYTES))
  whole.set(bytes)
  return bytesRoot(whole, CHUNK_BYTES)
}

/** A constant's values in little-endian order, however the file stores them. */
function bytesOf({ dataType, rawData, floatData, int32Data, int64Data }: TensorProto): Uint8Array {
  if (rawData.length > 0) return dataType === DataType.FLOAT ? withoutOddNaNs(rawData) : rawData
  switch (dataType) {
    case DataType.FLOAT:
      return filled(4, floatData, (view, at, value) => view.setUint32(at, floatBits(value), true))
    case DataType.INT64:
      return filled(8, int64Data, (view, at, value) => view.setBigInt64(at, value, true))
    case DataType.BOOL:
      return filled(1, int32Data, (view, at, value) => view.setUint8(at, Number(value !== 0)))
    default:
      return filled(4, int32Data, (view, at, value) => view.setInt32(at, value, true))
  }
}

function withoutOddNaNs(floats: Uint8Array): Uint8Array {
  // Not slice: a Buffer's slice shares its memory, possibly at an offset.
  const copy = Uint8Array.from(floats)
  const view = new DataView(copy.buffer)
  for (let at = 0; at < copy.length; at += 4)
    if (Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, NAN_BITS, true)
  return copy
}

function floatBits(value: number): number {
  if (Number.isNaN(value)) return NAN_BITS
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return view.getUint32(0)
}

const floatsHex = (values: readonly number[]) =>
  hex(filled(4, values, (view, at, value) => view.setUint32(at, floatBits(value))))

const intsHex = (values: readonly bigint[]) =>
  hex(filled(8, values, (view, at, value) => view.setBigInt64(at, value)))

/** Values in a row, each `width` bytes wide. */
function filled<T>(
  width: number,
  values: readonly T[],
  write: (view: DataView, at: number, value: T) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(width * values.length))
  for (const [i, value] of values.entries()) write(view, width * i, value)
  return new Uint8Array(view.buffer)
}

const hex = (bytes: Uint8Array): `0x${string}` => `0x${bytesToHex(bytes)}`
