/**
 * Reads an ONNX graph from a stranger and refuses whatever could make it costly, read other files or depend on the machine, before
 * any runtime sees it. What passes is encoded again from the parsed message, so that the runtime reads exactly what was checked.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf'
import { demand, refusing } from '../refusal.ts'
import { ALLOWED_OPERATORS } from './operators.ts'

/** A float32 input or output of a graph. */
export type GraphPort = { name: string; shape: number[] }

/** What task.json says a graph takes and gives. */
export type GraphSignature = { inputs: GraphPort[]; outputs: GraphPort[] }

export type GraphLimits = {
  /** Largest graph file, in bytes. Weights are inputs, so graphs are small. */
  maxBytes: number
  maxNodes: number
  /** Most values in the constants of a graph, all together. */
  maxConstantValues: number
}

export const DEFAULT_GRAPH_LIMITS: GraphLimits = {
  maxBytes: 1024 * 1024,
  maxNodes: 4096,
  maxConstantValues: 65_536,
}

const MIN_IR_VERSION = 7n
const MAX_IR_VERSION = 11n
const MIN_OPSET = 13n
const MAX_OPSET = 22n
const MAX_NODE_PORTS = 64
const MAX_NAME_LENGTH = 256
const MAX_RANK = 8
const CONSTANT_TYPES = new Map<number, number>([
  [DataType.FLOAT, 4],
  [DataType.INT32, 4],
  [DataType.INT64, 8],
  [DataType.BOOL, 1],
])
const PLAIN_ATTRIBUTES: ReadonlySet<number> = new Set([
  AttributeType.FLOAT,
  AttributeType.INT,
  AttributeType.STRING,
  AttributeType.TENSOR,
  AttributeType.FLOATS,
  AttributeType.INTS,
  AttributeType.STRINGS,
])

/**
 * Checks a graph against its signature.
 *
 * @returns the graph's bytes to hand to the runtime: the checked message, unknown fields dropped.
 * @throws EngineRefusal `graph` with the reason.
 */
export function checkGraph(
  bytes: Uint8Array,
  signature: GraphSignature,
  limits: GraphLimits = DEFAULT_GRAPH_LIMITS,
): Uint8Array {
  demand(
    bytes.length <= limits.maxBytes,
    'graph',
    () => `graph has ${bytes.length} bytes, the limit is ${limits.maxBytes}`,
  )
  const model = refusing('graph', 'not an ONNX model', () => fromBinary(ModelProtoSchema, bytes))
  const graph = checkModel(model)
  checkPorts('input', graph.input, signature.inputs)
  checkPorts('output', graph.output, signature.outputs)
  checkNodes(graph.node, limits.maxNodes)
  checkConstants(graph, signature, limits.maxConstantValues)
  return toBinary(ModelProtoSchema, model, { writeUnknownFields: false })
}

function checkModel(model: ModelProto): GraphProto {
  const { irVersion, opsetImport, functions, trainingInfo, configuration, graph } = model
  demand(
    irVersion >= MIN_IR_VERSION && irVersion <= MAX_IR_VERSION,
    'graph',
    () => `IR version ${irVersion} is outside ${MIN_IR_VERSION} … ${MAX_IR_VERSION}`,
  )
  demand(
    opsetImport.length === 1 && isStandardDomain(opsetImport[0]!.domain),
    'graph',
    () => `operator sets ${opsetImport.map(({ domain }) => domain || 'ai.onnx')}: only ai.onnx is allowed`,
  )
  const { version } = opsetImport[0]!
  demand(
    version >= MIN_OPSET && version <= MAX_OPSET,
    'graph',
    () => `operator set ${version} is outside ${MIN_OPSET} … ${MAX_OPSET}`,
  )
  demand(
    functions.length + trainingInfo.length + configuration.length === 0,
    'graph',
    () => 'local functions, training info and device configurations are not allowed',
  )
  demand(graph !== undefined, 'graph', () => 'the model holds no graph')
  demand(graph.sparseInitializer.length === 0, 'graph', () => 'sparse initializers are not allowed')
  demand(graph.quantizationAnnotation.length === 0, 'graph', () => 'quantization annotations are not allowed')
  return graph
}

function checkPorts(kind: 'input' | 'output', found: ValueInfoProto[], expected: GraphPort[]): void {
  const list = (names: string[]) => names.slice(0, 12).join(', ').slice(0, 400)
  const names = found.map(({ name }) => name)
  const wanted = expected.map(({ name }) => name)
  demand(
    names.length === wanted.length &&
      new Set(names).size === names.length &&
      wanted.every((name) => names.includes(name)),
    'graph',
    () => `${kind}s are ${list(names)}; task.json asks for ${list(wanted)}`,
  )
  for (const port of expected) {
    const { type } = found.find(({ name }) => name === port.name)!
    const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined
    demand(tensor?.elemType === DataType.FLOAT, 'graph', () => `${kind} ${port.name} is not a float32 tensor`)
    const shape = tensor.shape?.dim.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : -1))
    demand(
      shape !== undefined &&
        shape.length === port.shape.length &&
        shape.every((size, i) => size === port.shape[i]),
      'graph',
      () => `${kind} ${port.name} has shape [${shape ?? 'none'}], task.json says [${port.shape}]`,
    )
  }
}

function checkNodes(nodes: NodeProto[], maxNodes: number): void {
  demand(nodes.length <= maxNodes, 'graph', () => `${nodes.length} nodes, the limit is ${maxNodes}`)
  for (const node of nodes) {
    const label = `${node.opType.slice(0, 60)} (${node.name.slice(0, 60)})`
    demand(
      isStandardDomain(node.domain),
      'graph',
      () => `${label} is of domain ${node.domain.slice(0, 60)}: only ai.onnx is allowed`,
    )
    demand(
      ALLOWED_OPERATORS.has(node.opType),
      'graph',
      () => `operator ${label} is not on the allow-list (engine/package/operators.ts)`,
    )
    demand(
      node.input.length <= MAX_NODE_PORTS && node.output.length <= MAX_NODE_PORTS,
      'graph',
      () =>
        `${label} has ${node.input.length} inputs and ${node.output.length} outputs, the limit is ${MAX_NODE_PORTS} each`,
    )
    for (const name of [...node.input, ...node.output]) {
      demand(
        name.length <= MAX_NAME_LENGTH,
        'graph',
        () => `${label} names a value in ${name.length} letters, the limit is ${MAX_NAME_LENGTH}`,
      )
    }
    node.attribute.forEach((attribute) => {
      checkAttribute(label, attribute)
    })
  }
}

function checkAttribute(label: string, attribute: AttributeProto): void {
  const { name, type, g, graphs, sparseTensor, sparseTensors, tp, typeProtos, tensors, refAttrName } =
    attribute
  const extras = graphs.length + sparseTensors.length + typeProtos.length + tensors.length
  demand(
    PLAIN_ATTRIBUTES.has(type) &&
      g === undefined &&
      sparseTensor === undefined &&
      tp === undefined &&
      extras === 0,
    'graph',
    () => `${label}: attribute ${name.slice(0, 60)} holds a subgraph, type or sparse tensor`,
  )
  demand(refAttrName === '', 'graph', () => `${label}: attribute ${name.slice(0, 60)} refers to a function's`)
}

function checkConstants(graph: GraphProto, signature: GraphSignature, maxValues: number): void {
  const inputs = new Set(signature.inputs.map(({ name }) => name))
  const attributes = graph.node.flatMap(({ attribute }) => attribute)
  const inNodes = attributes.flatMap(({ t }) => (t === undefined ? [] : [t]))
  const lists = attributes.reduce(
    (sum, { ints, floats, strings }) => sum + ints.length + floats.length + strings.length,
    0,
  )
  let values = lists
  for (const tensor of graph.initializer) {
    demand(!inputs.has(tensor.name), 'graph', () => `initializer ${tensor.name} hides an input`)
  }
  for (const tensor of [...graph.initializer, ...inNodes]) values += checkConstant(tensor)
  demand(values <= maxValues, 'graph', () => `constants hold ${values} values, the limit is ${maxValues}`)
}

/** @returns the number of the constant's values. */
function checkConstant(tensor: TensorProto): number {
  const label = `constant ${tensor.name.slice(0, 60)}`
  demand(
    tensor.dataLocation === DataLocation.DEFAULT && tensor.externalData.length === 0,
    'graph',
    () => `${label} keeps its data in another file`,
  )
  const elementBytes = CONSTANT_TYPES.get(tensor.dataType)
  demand(
    elementBytes !== undefined,
    'graph',
    () => `${label} has element type ${tensor.dataType}: use float, int32, int64 or bool`,
  )
  demand(
    tensor.dims.length <= MAX_RANK && tensor.segment === undefined,
    'graph',
    () => `${label} has rank ${tensor.dims.length} or is segmented`,
  )
  const values = tensor.dims.reduce((product, size) => {
    demand(size >= 0n && size <= 2n ** 31n, 'graph', () => `${label} has a dimension of ${size}`)
    return product * Number(size)
  }, 1)
  const { floatData, int32Data, int64Data, stringData, doubleData, uint64Data, rawData } = tensor
  const fields = [floatData, int32Data, int64Data, stringData, doubleData, uint64Data, rawData]
  demand(
    fields.filter(({ length }) => length > 0).length <= 1,
    'graph',
    () => `${label} holds its values twice`,
  )
  const held =
    rawData.length > 0
      ? rawData.length / elementBytes
      : floatData.length + int32Data.length + int64Data.length
  demand(held === values, 'graph', () => `${label} has dimensions [${tensor.dims}] but holds ${held} values`)
  return values
}

function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx'
}
