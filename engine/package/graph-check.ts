/**
 * Reads an ONNX graph from a stranger and refuses whatever could make it costly, read other files or depend on the machine, before
 * any runtime sees it. What passes is encoded again from the parsed message, so that the runtime reads exactly what was checked.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorShapeProto_Dimension,
  type ValueInfoProto,
} from 'onnx-buf'
import { demand, refusing } from '../refusal.ts'
import { type Dtype, ELEMENT_TYPES } from './element-types.ts'
import { checkConstants } from './graph-constants.ts'
import { labelOf, repeated } from './graph-label.ts'
import { ALLOWED_OPERATORS, FIRST_OPSETS } from './operators.ts'
import { type CostLimits, DEFAULT_COST_LIMITS, type GraphCost, measureGraph } from './sizes/graph-cost.ts'
import type { Value } from './sizes/value.ts'

/** An input or output of a graph; float32 unless it says otherwise. */
export type GraphPort = { name: string; shape: number[]; dtype?: Dtype }

/** What task.json says a graph takes and gives. */
export type GraphSignature = { inputs: GraphPort[]; outputs: GraphPort[] }

/** A graph that passed all checks. */
export type CheckedGraph = {
  /** The checked message, without unknown fields and unused operator sets: what to hand to the runtime. */
  bytes: Uint8Array
  cost: GraphCost
  graph: GraphProto
  /** Version of ONNX's own operator set, which the nodes are of. */
  operatorSet: number
  /** Type and shape of each value by name. */
  values: ReadonlyMap<string, Value>
}

export type GraphLimits = {
  /** Largest graph file, in bytes. Weights are inputs, so graphs are small. */
  maxBytes: number
  maxNodes: number
  /** Most inputs and outputs of all nodes together: each is described in the program root. */
  maxPorts: number
  /** Most values in the constants of a graph, all together. */
  maxConstantValues: number
} & CostLimits

export const DEFAULT_GRAPH_LIMITS: GraphLimits = {
  maxBytes: 1024 * 1024,
  maxNodes: 4096,
  maxPorts: 32_768,
  maxConstantValues: 65_536,
  ...DEFAULT_COST_LIMITS,
}

const MIN_IR_VERSION = 7n
const MAX_IR_VERSION = 11n
const MIN_OPSET = 13n
const MAX_OPSET = 22n
const MAX_NODE_PORTS = 64
const MAX_NAME_LENGTH = 256
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
 * @throws EngineRefusal `graph` with the reason, the node if it is one's, and the fix.
 */
export function checkGraph(
  bytes: Uint8Array,
  signature: GraphSignature,
  limits: GraphLimits = DEFAULT_GRAPH_LIMITS,
): CheckedGraph {
  demand(
    bytes.length <= limits.maxBytes,
    'graph',
    () =>
      `graph has ${bytes.length} bytes, the limit is ${limits.maxBytes}; take weights as inputs instead of constants`,
  )
  const model = refusing('graph', 'not an ONNX model', () => fromBinary(ModelProtoSchema, bytes))
  const { graph, opset } = checkModel(model)
  checkPorts('input', graph.input, signature.inputs)
  checkPorts('output', graph.output, signature.outputs)
  checkNodes(graph.node, opset, limits)
  checkConstants(graph, signature, limits.maxConstantValues)
  const { cost, values } = measureGraph(graph, { signature, labelOf, limits })
  // Exporters import sets of other domains that no node uses. The nodes were checked, so these are needless.
  model.opsetImport = model.opsetImport.filter(({ domain }) => isStandardDomain(domain))
  return {
    bytes: toBinary(ModelProtoSchema, model, { writeUnknownFields: false }),
    cost,
    graph,
    operatorSet: Number(opset),
    values,
  }
}

function checkModel(model: ModelProto): { graph: GraphProto; opset: bigint } {
  const { irVersion, functions, trainingInfo, configuration, graph } = model
  demand(
    irVersion >= MIN_IR_VERSION && irVersion <= MAX_IR_VERSION,
    'graph',
    () =>
      `IR version ${irVersion} is outside ${MIN_IR_VERSION} … ${MAX_IR_VERSION}; export with one of these`,
  )
  const opset = opsetOf(model)
  demand(
    functions.length + trainingInfo.length + configuration.length === 0,
    'graph',
    () =>
      'local functions, training info and device configurations are not allowed; export with functions inlined',
  )
  demand(graph !== undefined, 'graph', () => 'the model holds no graph; export it again')
  demand(
    graph.sparseInitializer.length === 0,
    'graph',
    () => 'sparse initializers are not allowed; store them dense',
  )
  demand(
    graph.quantizationAnnotation.length === 0,
    'graph',
    () => 'quantization annotations are not allowed; export in float32',
  )
  return { graph, opset }
}

/** The version of ONNX's own operator set that the nodes are of. */
function opsetOf({ opsetImport }: ModelProto): bigint {
  const [standard, ...more] = opsetImport.filter(({ domain }) => isStandardDomain(domain))
  demand(
    standard !== undefined && more.length === 0,
    'graph',
    () =>
      `the operator set of ai.onnx is imported ${standard === undefined ? 'no' : 1 + more.length} times; import it once`,
  )
  const { version } = standard
  demand(
    version >= MIN_OPSET && version <= MAX_OPSET,
    'graph',
    () => `operator set ${version} is outside ${MIN_OPSET} … ${MAX_OPSET}; export with one of these`,
  )
  return version
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
    () =>
      `${kind}s are ${list(names)}; task.json asks for ${list(wanted)}: rename, add or remove what differs`,
  )
  for (const port of expected) {
    const { dtype = 'float32' } = port
    const { type } = found.find(({ name }) => name === port.name)!
    const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined
    demand(
      tensor?.elemType === ELEMENT_TYPES[dtype],
      'graph',
      () => `${kind} ${port.name} is no ${dtype} tensor; export it as one`,
    )
    checkShape(`${kind} ${port.name}`, tensor.shape?.dim.map(dimensionOf), port.shape)
  }
}

/** A dimension's size, or the name of one that is left open; `?` if it has neither. */
function dimensionOf({ value }: TensorShapeProto_Dimension): number | string {
  if (value.case === 'dimValue') return Number(value.value)
  return value.case === 'dimParam' && value.value !== '' ? value.value.slice(0, 60) : '?'
}

function checkShape(label: string, shape: (number | string)[] | undefined, expected: number[]): void {
  demand(
    shape !== undefined && shape.length === expected.length && shape.every((size, i) => size === expected[i]),
    'graph',
    () => {
      const open = shape?.filter((size) => typeof size === 'string') ?? []
      const fix =
        open.length > 0
          ? `export with fixed sizes instead of ${open.join(', ')}`
          : 'change the graph or task.json, so that they agree'
      return `${label} has shape [${shape ?? 'none'}], task.json says [${expected}]; ${fix}`
    },
  )
}

function checkNodes(nodes: NodeProto[], opset: bigint, { maxNodes, maxPorts }: GraphLimits): void {
  demand(nodes.length > 0, 'graph', () => 'the graph has no nodes; export one that computes its outputs')
  demand(
    nodes.length <= maxNodes,
    'graph',
    () => `${nodes.length} nodes, the limit is ${maxNodes}; fold constants, or use larger operators`,
  )
  const ports = nodes.reduce((sum, { input, output }) => sum + input.length + output.length, 0)
  demand(
    ports <= maxPorts,
    'graph',
    () => `nodes have ${ports} inputs and outputs together, the limit is ${maxPorts}; use larger operators`,
  )
  nodes.forEach((node, i) => {
    const label = labelOf(node, i)
    checkOperator(label, node, opset)
    checkNodePorts(label, node)
    for (const attribute of node.attribute) checkAttribute(label, attribute)
    checkAttributeNames(label, node)
  })
}

function checkOperator(label: string, { domain, opType }: NodeProto, opset: bigint): void {
  demand(
    isStandardDomain(domain),
    'graph',
    () =>
      `${label} is of domain ${domain.slice(0, 60)}: only ai.onnx is allowed; export with ONNX's own operators`,
  )
  demand(
    ALLOWED_OPERATORS.has(opType),
    'graph',
    () =>
      `${label} is not on the allow-list (engine/package/operators.ts); express it in operators that are on it`,
  )
  const first = FIRST_OPSETS.get(opType) ?? MIN_OPSET
  demand(
    opset >= first,
    'graph',
    () =>
      `${label} exists only from operator set ${first} on, and the graph imports set ${opset}; export with set ${first} to ${MAX_OPSET}`,
  )
}

function checkNodePorts(label: string, { input, output }: NodeProto): void {
  demand(
    input.length <= MAX_NODE_PORTS && output.length <= MAX_NODE_PORTS,
    'graph',
    () =>
      `${label} has ${input.length} inputs and ${output.length} outputs, the limit is ${MAX_NODE_PORTS} each; split it`,
  )
  for (const name of [...input, ...output]) {
    demand(
      name.length <= MAX_NAME_LENGTH,
      'graph',
      () => `${label} names a value in ${name.length} letters, the limit is ${MAX_NAME_LENGTH}; shorten it`,
    )
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
    () =>
      `${label} has an attribute ${name.slice(0, 60)} that holds a subgraph, type or sparse tensor; use numbers and dense tensors`,
  )
  demand(
    refAttrName === '',
    'graph',
    () =>
      `${label} has an attribute ${name.slice(0, 60)} that refers to a function's; export with functions inlined`,
  )
}

/** Of two attributes with one name the engine takes the last, other readers the first. */
function checkAttributeNames(label: string, { attribute }: NodeProto): void {
  const twice = repeated(attribute.map(({ name }) => name))
  demand(
    twice === undefined,
    'graph',
    () => `${label} has two attributes ${twice!.slice(0, 60)}; export it again`,
  )
}

function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx'
}
