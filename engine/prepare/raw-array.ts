import { demand } from '../refusal.ts'

/** An array of numbers from somebody's file. */
export type RawArray = {
  /** What the file calls it. */
  name: string
  /** What messages call it, with its file. */
  place: string
  /** What the file says of its elements, such as `int64`. */
  dtype: string
  shape: number[]
  /** Row by row. Whole numbers are exact: those of 64 bits that a float64 can't hold are refused. */
  values: ArrayLike<number>
}

type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

export type NumberType = {
  name: string
  /** Of an element. */
  bytes: number
  /** Memory that holds this many elements exactly. */
  room: new (
    count: number,
  ) => Numbers
  read(view: DataView, at: number, isLittle: boolean): number
}

const exact = (value: bigint) => (BigInt.asIntN(54, value) === value ? Number(value) : Number.NaN)

/** Types of elements, by the letter and the size that NumPy gives them. Whole numbers that don't fit are read as NaN. */
export const NUMBER_TYPES: Record<string, NumberType> = {
  b1: { name: 'bool', bytes: 1, room: Uint8Array, read: (view, at) => view.getUint8(at) },
  i1: { name: 'int8', bytes: 1, room: Int8Array, read: (view, at) => view.getInt8(at) },
  u1: { name: 'uint8', bytes: 1, room: Uint8Array, read: (view, at) => view.getUint8(at) },
  i2: {
    name: 'int16',
    bytes: 2,
    room: Int16Array,
    read: (view, at, isLittle) => view.getInt16(at, isLittle),
  },
  u2: {
    name: 'uint16',
    bytes: 2,
    room: Uint16Array,
    read: (view, at, isLittle) => view.getUint16(at, isLittle),
  },
  i4: {
    name: 'int32',
    bytes: 4,
    room: Int32Array,
    read: (view, at, isLittle) => view.getInt32(at, isLittle),
  },
  u4: {
    name: 'uint32',
    bytes: 4,
    room: Uint32Array,
    read: (view, at, isLittle) => view.getUint32(at, isLittle),
  },
  i8: {
    name: 'int64',
    bytes: 8,
    room: Float64Array,
    read: (view, at, isLittle) => exact(view.getBigInt64(at, isLittle)),
  },
  u8: {
    name: 'uint64',
    bytes: 8,
    room: Float64Array,
    read: (view, at, isLittle) => exact(view.getBigUint64(at, isLittle)),
  },
  f2: {
    name: 'float16',
    bytes: 2,
    room: Float32Array,
    read: (view, at, isLittle) => halfIn(view.getUint16(at, isLittle)),
  },
  f4: {
    name: 'float32',
    bytes: 4,
    room: Float32Array,
    read: (view, at, isLittle) => view.getFloat32(at, isLittle),
  },
  f8: {
    name: 'float64',
    bytes: 8,
    room: Float64Array,
    read: (view, at, isLittle) => view.getFloat64(at, isLittle),
  },
}

type Elements = {
  type: NumberType
  isLittle: boolean
  bytes: Uint8Array
  /** Where the element lies that is at `i` row by row; there by default. */
  sourceOf?: ((i: number) => number) | undefined
}

/** Reads elements row by row. @throws EngineRefusal `data` for whole numbers of 64 bits that a float64 can't hold */
export function readNumbers(
  place: string,
  { type, isLittle, bytes, sourceOf = (i) => i }: Elements,
): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new type.room(bytes.length / type.bytes)
  for (let i = 0; i < values.length; i++) values[i] = type.read(view, sourceOf(i) * type.bytes, isLittle)
  if (!type.name.endsWith('int64')) return values
  const at = values.findIndex((value) => Number.isNaN(value))
  demand(
    at < 0,
    'data',
    () => `${place}: element ${at} is a whole number over 2^53, which a float64 can't hold`,
  )
  return values
}

/** The number that 16 bits of a float16 write. */
function halfIn(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
