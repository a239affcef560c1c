/**
 * NumPy's files of one array.
 *
 *     "\x93NUMPY" · version, 2 bytes · header length, u16le (version 1) or u32le · header · data
 *     header: {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
 */
import { elementCount } from '../package/safetensors.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { NUMBER_TYPES, type NumberType, type RawArray, readNumbers } from './raw-array.ts'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const MAX_HEADER_BYTES = 64 * 1024
const MAX_RANK = 8
const HEADER =
  /^\s*\{\s*'descr':\s*'(?<order>[<>=|])(?<type>[a-zA-Z]\d*)',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?<shape>[\d,\s]*)\),?\s*\}\s*$/
const OBJECTS = /'descr':\s*'\|?O/

type Header = { type: NumberType; isLittle: boolean; isFortran: boolean; shape: number[]; dataAt: number }

/**
 * Reads an array.
 *
 * @param place what messages call it
 * @throws EngineRefusal `data` for objects (pickles), texts, records, complex numbers, whole numbers of 64 bits that are not
 * exact as a float64, and for files that are cut short or too long
 */
export function readNpy(name: string, place: string, bytes: Uint8Array): RawArray {
  const { type, isLittle, isFortran, shape, dataAt } = headerOf(place, bytes)
  const count = elementCount(shape)
  const expected = count * type.bytes
  demand(
    bytes.length - dataAt === expected,
    'data',
    () =>
      `${place} has ${bytes.length - dataAt} bytes of data, its shape [${shape}] of ${type.name} needs ${expected}`,
  )
  const sourceOf = isFortran ? columnOrder(shape) : undefined
  const values = readNumbers(place, { type, isLittle, bytes: bytes.subarray(dataAt), sourceOf })
  return { name, place, dtype: type.name, shape, values }
}

/** Whether a file starts as NumPy's files of one array do. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte)
}

function headerOf(place: string, bytes: Uint8Array): Header {
  demand(isNpy(bytes) && bytes.length >= 12, 'data', () => `${place} is no file of NumPy`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isFirst = view.getUint8(6) === 1
  const length = isFirst ? view.getUint16(8, true) : view.getUint32(8, true)
  const dataAt = (isFirst ? 10 : 12) + length
  demand(
    length <= MAX_HEADER_BYTES && dataAt <= bytes.length,
    'data',
    () =>
      `${place} has a header of ${length} bytes, the limit is ${Math.min(MAX_HEADER_BYTES, bytes.length)}`,
  )
  const written = new TextDecoder().decode(bytes.subarray(isFirst ? 10 : 12, dataAt))
  demand(
    !OBJECTS.test(written),
    'data',
    () =>
      `${place} holds Python objects (a pickle), which may run code: save numbers, with allow_pickle=False`,
  )
  return { ...describedBy(place, written), dataAt }
}

function describedBy(place: string, written: string): Omit<Header, 'dataAt'> {
  const { order, type: code, fortran, shape: sizes } = HEADER.exec(written)?.groups ?? {}
  const type = NUMBER_TYPES[code ?? '']
  if (type === undefined || sizes === undefined)
    throw new EngineRefusal(
      'data',
      `${place} holds no plain numbers: ${written.trim().slice(0, 120)}: save whole numbers or floats`,
    )
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]))
  demand(
    shape.length <= MAX_RANK && Number.isSafeInteger(elementCount(shape) * 8),
    'data',
    () => `${place} has the shape [${shape}]: expected at most ${MAX_RANK} sizes`,
  )
  return { type, isLittle: order !== '>', isFortran: fortran === 'True', shape }
}

/** Where an element lies that is at `i` row by row, in data that goes column by column. */
function columnOrder(shape: readonly number[]): (i: number) => number {
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)))
  return (i) => {
    let rest = i
    let at = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * strides[axis]!
      rest = Math.floor(rest / shape[axis]!)
    }
    return at
  }
}
