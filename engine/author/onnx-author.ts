/** Writes ONNX graphs: a few constructors over the generated protobuf messages, no more than our own tasks need. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import type { GraphPort, GraphSignature } from '../package/graph-check.ts'

export type GraphNode = MessageInitShape<typeof NodeProtoSchema>
export type GraphConstant = MessageInitShape<typeof TensorProtoSchema>
type Attribute = MessageInitShape<typeof AttributeProtoSchema>

const IR_VERSION = 8n
const OPSET = 17n

/** One operator: `node('Gemm', ['a', 'b'], 'c', { transA: 1n })`; bigint attributes are INT, numbers are FLOAT. */
export function node(
  opType: string,
  input: string[],
  output: string,
  attributes: Record<string, bigint | number> = {},
): GraphNode {
  return {
    opType,
    name: output,
    input,
    output: [output],
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  }
}

/** A float32 scalar kept in the graph. */
export function floatConstant(name: string, value: number): GraphConstant {
  return { name, dataType: DataType.FLOAT, dims: [], floatData: [value] }
}

/** A list of int64 kept in the graph. */
export function intsConstant(name: string, values: bigint[]): GraphConstant {
  return { name, dataType: DataType.INT64, dims: [BigInt(values.length)], int64Data: values }
}

/** Encodes a graph with float32 inputs and outputs. The same arguments give the same bytes. */
export function encodeGraph(
  name: string,
  signature: GraphSignature,
  nodes: GraphNode[],
  constants: GraphConstant[],
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'assay',
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name,
      node: nodes,
      initializer: constants,
      input: signature.inputs.map(floatPort),
      output: signature.outputs.map(floatPort),
    },
  })
  return toBinary(ModelProtoSchema, model)
}

function attributeOf(name: string, value: bigint | number): Attribute {
  return typeof value === 'bigint'
    ? { name, type: AttributeType.INT, i: value }
    : { name, type: AttributeType.FLOAT, f: value }
}

function floatPort({ name, shape }: GraphPort): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }))
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  }
}
