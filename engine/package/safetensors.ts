/**
 * The safetensors file format, for the three element types that Assay uses.
 *
 *     u64le header length · header (JSON, padded with spaces) · data
 *     header: { "<name>": { "dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end] }, … }
 *
 * Files come from strangers: every size is checked against its bound before memory is allocated.
 */
import { demand, EngineRefusal, refusing } from '../refusal.ts'
import { joined } from './pieces.ts'

/** A tensor: row-major data, one element per product of `shape`. */
export type Tensor =
  | { dtype: 'F32'; shape: number[]; data: Float32Array }
  | { dtype: 'I32'; shape: number[]; data: Int32Array }
  | { dtype: 'U8'; shape: number[]; data: Uint8Array }

export type Dtype = Tensor['dtype']

export type SafetensorsLimits = {
  /** Largest file, in bytes. */
  maxBytes: number
  /** Largest header, in bytes. */
  maxHeaderBytes: number
  maxTensors: number
  /** Refuse NaN and infinities. */
  finite: boolean
}

export const DEFAULT_SAFETENSORS_LIMITS: SafetensorsLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxHeaderBytes: 64 * 1024,
  maxTensors: 512,
  finite: true,
}

type Entry = { name: string; dtype: string; shape: number[]; begin: number; end: number }
/** Bytes of an element, by its type's name in the file. */
type ElementBytes = Readonly<Record<string, number>>

const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = { F32: 4, I32: 4, U8: 1 }
const TENSOR_NAME = /^[A-Za-z0-9_./:-]{1,128}$/
const MAX_RANK = 8
const KEYS_PER_ENTRY = 3
const JSON_STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Whether `name` may name a tensor. */
export function isTensorName(name: string): boolean {
  return TENSOR_NAME.test(name) && name !== '__metadata__' && name !== '__proto__'
}

/** Number of elements of a tensor of this shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/**
 * Reads a safetensors file.
 *
 * @returns the tensors by name, in the order of their data; each owns its memory.
 * @throws EngineRefusal `safetensors` for a file that is truncated, too large, ambiguous (duplicate names, gaps or
 * overlaps between tensors), of an element type other than F32, I32, U8, or not finite.
 */
export function readSafetensors(
  bytes: Uint8Array,
  limits: Partial<SafetensorsLimits> = {},
): Map<string, Tensor> {
  return readFileWithMetadata(bytes, limits).tensors
}

/** Like {@link readSafetensors}, with the words that the file holds beside its tensors. */
export function readFileWithMetadata(
  bytes: Uint8Array,
  limits: Partial<SafetensorsLimits> = {},
): { tensors: Map<string, Tensor>; metadata: Map<string, string> } {
  const bounds = { ...DEFAULT_SAFETENSORS_LIMITS, ...limits }
  const { entries, metadata, data } = readParts(bytes, bounds, ELEMENT_BYTES)
  const tensors = new Map<string, Tensor>()
  for (const entry of entries) {
    const tensor = readTensor(entry, data)
    if (bounds.finite && tensor.dtype === 'F32') demandFinite('safetensors', entry.name, tensor.data)
    tensors.set(entry.name, tensor)
  }
  return { tensors, metadata }
}

/**
 * Reads where the tensors of a file lie, of element types of the caller's. Their bytes are the file's own memory.
 *
 * @param elementBytes of an element, by its type's name in the file
 * @throws EngineRefusal `safetensors` like {@link readSafetensors}; whether values are finite isn't looked at
 */
export function readSlices(
  bytes: Uint8Array,
  elementBytes: ElementBytes,
  limits: Partial<SafetensorsLimits> = {},
): { name: string; dtype: string; shape: number[]; bytes: Uint8Array }[] {
  const { entries, data } = readParts(bytes, { ...DEFAULT_SAFETENSORS_LIMITS, ...limits }, elementBytes)
  return entries.map(({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    bytes: data.subarray(begin, end),
  }))
}

function readParts(
  bytes: Uint8Array,
  bounds: SafetensorsLimits,
  elementBytes: ElementBytes,
): { entries: Entry[]; metadata: Map<string, string>; data: Uint8Array } {
  demand(
    isLittleEndian,
    'engine',
    () => 'this machine is big-endian; Assay hashes little-endian floats: use another',
  )
  demand(
    bytes.length <= bounds.maxBytes,
    'safetensors',
    () => `file has ${bytes.length} bytes, the limit is ${bounds.maxBytes}`,
  )

  const headerBytes = readHeaderLength(bytes, bounds.maxHeaderBytes)
  const header = bytes.subarray(8, 8 + headerBytes)
  const { entries, metadata } = readHeader(header, bounds.maxTensors, elementBytes)
  const data = bytes.subarray(8 + headerBytes)
  checkCoverage(entries, data.length)
  return { entries, metadata, data }
}

/**
 * Writes a safetensors file: names in code-unit order, data in the same order, header padded with spaces to a multiple
 * of eight bytes. The same tensors give the same bytes.
 *
 * @param metadata words beside the tensors, in this order; none by default
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return joined(safetensorsPieces(tensors, metadata))
}

/** What {@link writeSafetensors} writes, in pieces: the header, then the memory of each tensor itself. */
export function safetensorsPieces(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array[] {
  const names = [...tensors.keys()].sort()
  const header: Record<string, object> = metadata === undefined ? {} : { __metadata__: metadata }
  let dataBytes = 0
  for (const name of names) {
    const { dtype, shape, data } = tensors.get(name)!
    demand(isTensorName(name), 'safetensors', () => `"${name}" can't name a tensor`)
    demand(
      elementCount(shape) === data.length,
      'safetensors',
      () => `${name}: shape [${shape}] does not hold ${data.length} elements`,
    )
    header[name] = { dtype, shape, data_offsets: [dataBytes, dataBytes + data.byteLength] }
    dataBytes += data.byteLength
  }

  const json = JSON.stringify(header)
  const headerBytes = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8, ' '))
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(headerBytes.length), true)
  return [length, headerBytes, ...names.map((name) => bytesOf(tensors.get(name)!))]
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** Throws an EngineRefusal that names the tensor and index of the first NaN or infinity in `data`. */
export function demandFinite(code: 'safetensors' | 'state' | 'data', name: string, data: Float32Array): void {
  // Zero times a finite number is zero, times any other NaN: one pass without a branch.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += 0 * data[i]!
  if (sum === 0) return
  const index = data.findIndex((value) => !Number.isFinite(value))
  throw new EngineRefusal(code, `${name}[${index}] is ${data[index]}: every value must be a finite number`)
}

function readHeaderLength(bytes: Uint8Array, maxHeaderBytes: number): number {
  demand(
    bytes.length >= 8,
    'safetensors',
    () => `file is truncated: ${bytes.length} bytes, at least 8 are needed`,
  )
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  demand(
    declared <= BigInt(maxHeaderBytes),
    'safetensors',
    () => `header claims ${declared} bytes, the limit is ${maxHeaderBytes}`,
  )
  const length = Number(declared)
  demand(
    8 + length <= bytes.length,
    'safetensors',
    () => `file is truncated: header claims ${length} bytes, ${bytes.length - 8} follow`,
  )
  return length
}

function readHeader(
  bytes: Uint8Array,
  maxTensors: number,
  elementBytes: ElementBytes,
): { entries: Entry[]; metadata: Map<string, string> } {
  const text = refusing('safetensors', 'header is not UTF-8', () =>
    new TextDecoder('utf-8', { fatal: true }).decode(bytes),
  )
  const header: unknown = refusing('safetensors', 'header is not JSON', () => JSON.parse(text))
  demand(isRecord(header), 'safetensors', () => 'header is not a JSON object')
  const { __metadata__: metadata = {}, ...tensors } = header
  demand(
    isRecord(metadata) && hasOnlyStrings(metadata),
    'safetensors',
    () => '__metadata__ is not an object of strings',
  )
  const names = Object.keys(tensors)
  demand(
    names.length <= maxTensors,
    'safetensors',
    () => `${names.length} tensors, the limit is ${maxTensors}`,
  )
  const entries = names.map((name) => readEntry(name, tensors[name], elementBytes))
  const keys = Object.keys(header).length + Object.keys(metadata).length + KEYS_PER_ENTRY * names.length
  demand(
    countWrittenKeys(text) === keys,
    'safetensors',
    () => 'header holds a name twice: which of the two counts is ambiguous',
  )
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  return { entries, metadata: new Map(Object.entries(metadata)) }
}

function readEntry(name: string, entry: unknown, elementBytes: ElementBytes): Entry {
  demand(isTensorName(name), 'safetensors', () => `"${name.slice(0, 140)}" can't name a tensor`)
  demand(isRecord(entry), 'safetensors', () => `${name}: entry is not an object`)
  const { dtype, shape, data_offsets: offsets, ...unknownKeys } = entry
  demand(
    Object.keys(unknownKeys).length === 0,
    'safetensors',
    () => `${name}: unknown key ${Object.keys(unknownKeys)[0]}`,
  )
  demand(
    typeof dtype === 'string' && Object.hasOwn(elementBytes, dtype),
    'safetensors',
    () =>
      `${name}: element type ${JSON.stringify(dtype)} is not one of ${Object.keys(elementBytes).join(', ')}`,
  )
  demand(
    isSizeList(shape) && shape.length <= MAX_RANK,
    'safetensors',
    () => `${name}: shape is not a list of at most ${MAX_RANK} whole numbers`,
  )
  demand(
    isSizeList(offsets) && offsets.length === 2,
    'safetensors',
    () => `${name}: data_offsets is not a pair of whole numbers`,
  )
  const [begin, end] = offsets as [number, number]
  const expected = elementCount(shape) * elementBytes[dtype]!
  demand(
    end - begin === expected,
    'safetensors',
    () => `${name}: shape [${shape}] of ${dtype} needs ${expected} bytes, data_offsets give ${end - begin}`,
  )
  return { name, dtype, shape, begin, end }
}

/** Tensors must follow one another from the first byte to the last: no gap to hide in, no overlap, no trailing bytes. */
function checkCoverage(entries: Entry[], dataBytes: number): void {
  let at = 0
  for (const { name, begin, end } of entries) {
    demand(
      begin === at,
      'safetensors',
      () => `${name} begins at byte ${begin} of the data, the tensor before it ends at ${at}`,
    )
    at = end
  }
  demand(at === dataBytes, 'safetensors', () => `tensors end at byte ${at}, the file holds ${dataBytes}`)
}

function readTensor({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor {
  // Not slice: a Buffer's slice shares its memory, possibly at an unaligned offset.
  const { buffer } = Uint8Array.from(data.subarray(begin, end))
  if (dtype === 'F32') return { dtype, shape, data: new Float32Array(buffer) }
  if (dtype === 'I32') return { dtype, shape, data: new Int32Array(buffer) }
  return { dtype: 'U8', shape, data: new Uint8Array(buffer) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasOnlyStrings(record: Record<string, unknown>): record is Record<string, string> {
  return Object.values(record).every((value) => typeof value === 'string')
}

function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}

/** Keys as they stand in valid JSON text: strings followed by a colon. JSON.parse drops repeated ones silently. */
function countWrittenKeys(text: string): number {
  let keys = 0
  for (const match of text.matchAll(JSON_STRING)) if (match[1] !== undefined) keys++
  return keys
}
