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
import { type Dtype, ELEMENT_TYPES } from '../package/element-types.ts'

export type GraphNode = MessageInitShape<typeof NodeProtoSchema>
export type GraphConstant = MessageInitShape<typeof TensorProtoSchema>
export type ElementType = Dtype | 'bool'
/** An input or output: float32 unless it says otherwise. */
export type AuthorPort = { name: string; shape: readonly number[]; dtype?: ElementType }
/** bigints are INT or INTS, numbers FLOAT, texts STRING. */
export type NodeAttributes = Readonly<Record<string, bigint | number | string | readonly bigint[]>>

type Attribute = MessageInitShape<typeof AttributeProtoSchema>

const IR_VERSION = 8n
const OPSET = 17n

/** One operator: `node('Gemm', ['a', 'b'], 'c', { transA: 1n })`. It is named like its first output. */
export function node(
  opType: string,
  input: string[],
  output: string | [string, ...string[]],
  attributes: NodeAttributes = {},
): GraphNode {
  const outputs: [string, ...string[]] = typeof output === 'string' ? [output] : output
  return {
    opType,
    name: outputs[0],
    input,
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  }
}

/** A float32 scalar kept in the graph. */
export function floatConstant(name: string, value: number): GraphConstant {
  return { name, dataType: DataType.FLOAT, dims: [], floatData: [value] }
}

/** Float32 values kept in the graph. */
export function floatsConstant(
  name: string,
  values: readonly number[],
  shape: readonly number[],
): GraphConstant {
  return { name, dataType: DataType.FLOAT, dims: shape.map(BigInt), floatData: [...values] }
}

/** A list of int64 kept in the graph. */
export function intsConstant(name: string, values: bigint[]): GraphConstant {
  return { name, dataType: DataType.INT64, dims: [BigInt(values.length)], int64Data: values }
}

/** Encodes a graph with these inputs and outputs. The same arguments give the same bytes. */
export function encodeGraph(
  name: string,
  signature: { inputs: readonly AuthorPort[]; outputs: readonly AuthorPort[] },
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
      input: signature.inputs.map(portOf),
      output: signature.outputs.map(portOf),
    },
  })
  return toBinary(ModelProtoSchema, model)
}

function attributeOf(name: string, value: NodeAttributes[string]): Attribute {
  switch (typeof value) {
    case 'bigint':
      return { name, type: AttributeType.INT, i: value }
    case 'number':
      return { name, type: AttributeType.FLOAT, f: value }
    case 'string':
      return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
    default:
      return { name, type: AttributeType.INTS, ints: [...value] }
  }
}

function portOf({
  name,
  shape,
  dtype = 'float32',
}: AuthorPort): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }))
  const elemType = dtype === 'bool' ? DataType.BOOL : ELEMENT_TYPES[dtype]
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } }
}
