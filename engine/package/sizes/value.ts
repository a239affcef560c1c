/** What is known of a graph's value before it runs: its element type and exact shape, and small contents that follow from constants. */
import { TensorProto_DataType as DataType, type TensorProto } from 'onnx-buf'
import { EngineRefusal } from '../../refusal.ts'
import { elementCount } from '../safetensors.ts'

export type Value = {
  /** Element type, as ONNX numbers them. */
  type: number
  shape: readonly number[]
  /** The contents, where they follow from constants and shapes alone. Whole numbers stand for booleans, too. */
  known?: readonly number[]
}

/** Most elements of a value whose contents are followed. Shapes, axes and indices are far smaller. */
export const MOST_FOLLOWED = 4_096

const ELEMENT_BYTES = new Map<number, number>([
  [DataType.FLOAT, 4],
  [DataType.UINT8, 1],
  [DataType.INT8, 1],
  [DataType.UINT16, 2],
  [DataType.INT16, 2],
  [DataType.INT32, 4],
  [DataType.INT64, 8],
  [DataType.BOOL, 1],
  [DataType.FLOAT16, 2],
  [DataType.DOUBLE, 8],
  [DataType.UINT32, 4],
  [DataType.UINT64, 8],
])

/** A value; contents that are too many to be followed are left out. */
export function makeValue(type: number, shape: readonly number[], known?: readonly number[]): Value {
  if (known === undefined || known.length > MOST_FOLLOWED) return { type, shape }
  return { type, shape, known }
}

/**
 * A value whose contents were computed. They are left out where the engine may have others: a type wraps, rounds or cuts what
 * doesn't fit into it.
 */
export function makeComputed(type: number, shape: readonly number[], contents?: readonly number[]): Value {
  return makeValue(type, shape, contents?.every((one) => isExact(type, one)) ? contents : undefined)
}

/** The contents, where the engine computes with the same numbers. Constants may hold others: whole numbers from 2⁵³ on, a boolean of 5. */
export function exactContents({ type, known }: Value): readonly number[] | undefined {
  return known?.every((one) => isExact(type, one)) ? known : undefined
}

/** Whether an element of that type can be this number, and no other number looks the same here. */
export function isExact(type: number, value: number): boolean {
  switch (type) {
    case DataType.FLOAT:
      return Number.isFinite(value) && Math.fround(value) === value
    case DataType.INT32:
      return (value | 0) === value
    case DataType.INT64:
      return Number.isSafeInteger(value)
    case DataType.BOOL:
      return value === 0 || value === 1
    default:
      return false
  }
}

/** Memory of a value, in bytes. */
export function bytesOf({ type, shape }: Value): number {
  const bytes = ELEMENT_BYTES.get(type)
  if (bytes !== undefined) return bytes * elementCount(shape)
  throw new EngineRefusal('graph', `has a value of element type ${type}; use float, int32, int64 or bool`)
}

/** Whether the contents are whole numbers: shapes, axes and indices are. */
export function isWhole(type: number): boolean {
  return type === DataType.INT32 || type === DataType.INT64 || type === DataType.BOOL
}

/** The value of a constant. */
export function constantValue(tensor: TensorProto): Value {
  const shape = tensor.dims.map(Number)
  if (elementCount(shape) > MOST_FOLLOWED) return { type: tensor.dataType, shape }
  return { type: tensor.dataType, shape, known: contentsOf(tensor) }
}

function contentsOf({ dataType, rawData, floatData, int32Data, int64Data }: TensorProto): number[] {
  if (rawData.length === 0) return [...floatData, ...int32Data, ...int64Data.map(Number)]
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength)
  const read = (bytes: number, at: (offset: number) => number) =>
    Array.from({ length: rawData.length / bytes }, (_, i) => at(i * bytes))
  switch (dataType) {
    case DataType.FLOAT:
      return read(4, (offset) => view.getFloat32(offset, true))
    case DataType.INT32:
      return read(4, (offset) => view.getInt32(offset, true))
    case DataType.INT64:
      return read(8, (offset) => Number(view.getBigInt64(offset, true)))
    default:
      return [...rawData]
  }
}
