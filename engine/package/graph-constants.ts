/** Checks the constants of a graph: initializers, and tensors and lists in attributes of nodes. */
import {
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type GraphProto,
  type TensorProto,
} from 'onnx-buf'
import { demand } from '../refusal.ts'
import { labelOf, repeated } from './graph-label.ts'

const MAX_RANK = 8
const CONSTANT_TYPES = new Map<number, number>([
  [DataType.FLOAT, 4],
  [DataType.INT32, 4],
  [DataType.INT64, 8],
  [DataType.BOOL, 1],
])

/** @throws EngineRefusal `graph` that names the constant and the fix */
export function checkConstants(
  graph: GraphProto,
  signature: { inputs: readonly { name: string }[] },
  maxValues: number,
): void {
  const inputs = new Set(signature.inputs.map(({ name }) => name))
  const attributes = graph.node.flatMap(({ attribute }) => attribute)
  const lists = attributes.map(({ ints, floats, strings }) => ints.length + floats.length + strings.length)
  const twice = repeated(graph.initializer.map(({ name }) => name))
  demand(
    twice === undefined,
    'graph',
    () => `two constants are named ${twice!.slice(0, 60)}; export it again`,
  )
  const sizes = graph.initializer.map((tensor) => {
    const name = tensor.name.slice(0, 60)
    demand(
      !inputs.has(tensor.name),
      'graph',
      () => `initializer ${name} hides an input; remove it, or export without default values`,
    )
    return checkConstant(`constant ${name}`, tensor)
  })
  const inNodes = graph.node.flatMap((node, i) =>
    node.attribute.flatMap(({ t }) => (t === undefined ? [] : [checkConstant(labelOf(node, i), t)])),
  )
  const values = [...lists, ...sizes, ...inNodes].reduce((sum, size) => sum + size, 0)
  demand(
    values <= maxValues,
    'graph',
    () => `constants hold ${values} values, the limit is ${maxValues}; take weights as inputs instead`,
  )
}

/** @returns the number of the constant's values. */
function checkConstant(label: string, tensor: TensorProto): number {
  demand(
    tensor.dataLocation === DataLocation.DEFAULT && tensor.externalData.length === 0,
    'graph',
    () => `${label} keeps its data in another file; export with all data in one file`,
  )
  const elementBytes = CONSTANT_TYPES.get(tensor.dataType)
  demand(
    elementBytes !== undefined,
    'graph',
    () => `${label} has element type ${tensor.dataType}; use float, int32, int64 or bool`,
  )
  demand(
    tensor.dims.length <= MAX_RANK && tensor.segment === undefined,
    'graph',
    () => `${label} has rank ${tensor.dims.length} or is segmented; at most rank ${MAX_RANK}, in one piece`,
  )
  const values = tensor.dims.reduce((product, size) => {
    demand(
      size >= 0n && size <= 2n ** 31n,
      'graph',
      () => `${label} has a dimension of ${size}; 0 to 2,147,483,648 are possible`,
    )
    return product * Number(size)
  }, 1)
  if (tensor.dataType === DataType.BOOL) checkBooleans(label, tensor)
  const held = heldValues(label, tensor, elementBytes)
  demand(
    held === values,
    'graph',
    () => `${label} has dimensions [${tensor.dims}] but holds ${held} values; export it again`,
  )
  return values
}

/** What an engine makes of any other byte is its own choice. */
function checkBooleans(label: string, { rawData, int32Data }: TensorProto): void {
  const isBoolean = (value: number) => value === 0 || value === 1
  demand(
    rawData.every(isBoolean) && int32Data.every(isBoolean),
    'graph',
    () => `${label} holds a boolean that is neither 0 nor 1; export it again`,
  )
}

function heldValues(label: string, tensor: TensorProto, elementBytes: number): number {
  const { dataType, floatData, int32Data, int64Data, stringData, doubleData, uint64Data, rawData } = tensor
  const fields = [floatData, int32Data, int64Data, stringData, doubleData, uint64Data, rawData]
  demand(
    fields.filter(({ length }) => length > 0).length <= 1,
    'graph',
    () => `${label} holds its values twice; export it again`,
  )
  if (rawData.length > 0) return rawData.length / elementBytes
  const own = { [DataType.FLOAT]: floatData, [DataType.INT64]: int64Data }[dataType as number] ?? int32Data
  demand(
    own.length === floatData.length + int32Data.length + int64Data.length,
    'graph',
    () => `${label} keeps its values in the field of another type; export it again`,
  )
  return own.length
}
