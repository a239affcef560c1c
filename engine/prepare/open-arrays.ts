import { readSlices } from '../package/safetensors.ts'
import { demand, EngineRefusal, refusingAs } from '../refusal.ts'
import { readNpy } from './npy.ts'
import { readNpz } from './npz.ts'
import { NUMBER_TYPES, type RawArray, readNumbers } from './raw-array.ts'
import { endingOf, type RawFile } from './raw-file.ts'

/** Largest files of arrays together, in bytes. */
const MAX_ARRAY_BYTES = 512 * 1024 * 1024

const READERS: Record<string, (file: string, bytes: Uint8Array) => RawArray[]> = {
  '.npy': (file, bytes) => [readNpy(file.slice(0, -'.npy'.length), file, bytes)],
  '.npz': readNpz,
  '.safetensors': safetensorsArrays,
}

/** Whether a file's name says that it holds arrays. */
export function isArrays({ path }: RawFile): boolean {
  return Object.hasOwn(READERS, endingOf(path))
}

/**
 * Reads all arrays of files. One of a `.npy` file is called as the file, without its ending.
 *
 * @throws EngineRefusal `data` for other files, files over the limit, broken ones, and for a name that stands twice
 */
export async function openArrays(files: readonly RawFile[]): Promise<Map<string, RawArray>> {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  demand(
    bytes <= MAX_ARRAY_BYTES,
    'data',
    () =>
      `${files[0]?.path} has ${bytes} bytes, with the files beside it; the limit of arrays is ${MAX_ARRAY_BYTES}`,
  )
  const arrays = new Map<string, RawArray>()
  for (const file of files)
    for (const array of readerOf(file)(file.path, await file.read())) {
      const before = arrays.get(array.name)
      demand(
        before === undefined,
        'data',
        () => `the array "${array.name}" stands in ${before?.place} and in ${array.place}`,
      )
      arrays.set(array.name, array)
    }
  demand(arrays.size > 0, 'data', () => 'no file ends in .npy, .npz or .safetensors')
  return arrays
}

function readerOf({ path }: RawFile) {
  const reader = READERS[endingOf(path)]
  if (reader !== undefined) return reader
  throw new EngineRefusal(
    'data',
    `${path} holds no arrays: expected a file that ends in ${Object.keys(READERS).join(', ')}`,
  )
}

/** Element types of safetensors, as NumPy calls them. */
const TYPES = {
  BOOL: NUMBER_TYPES.b1!,
  I8: NUMBER_TYPES.i1!,
  U8: NUMBER_TYPES.u1!,
  I16: NUMBER_TYPES.i2!,
  U16: NUMBER_TYPES.u2!,
  I32: NUMBER_TYPES.i4!,
  U32: NUMBER_TYPES.u4!,
  I64: NUMBER_TYPES.i8!,
  U64: NUMBER_TYPES.u8!,
  F16: NUMBER_TYPES.f2!,
  F32: NUMBER_TYPES.f4!,
  F64: NUMBER_TYPES.f8!,
}
const ELEMENT_BYTES = Object.fromEntries(Object.entries(TYPES).map(([name, { bytes }]) => [name, bytes]))

function safetensorsArrays(file: string, bytes: Uint8Array): RawArray[] {
  const slices = refusingAs('data', file, () =>
    readSlices(bytes, ELEMENT_BYTES, { maxBytes: MAX_ARRAY_BYTES }),
  )
  return slices.map(({ name, dtype, shape, bytes }) => {
    const type = TYPES[dtype as keyof typeof TYPES]
    const place = `${file}, array "${name}"`
    return {
      name,
      place,
      dtype: type.name,
      shape,
      values: readNumbers(place, { type, isLittle: true, bytes }),
    }
  })
}
