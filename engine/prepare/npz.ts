/** NumPy's archives: a zip of a file for each array. Nothing is unpacked that claims more than the limits. */
import { type Unzipped, unzipSync } from 'fflate'
import { asRefusal, demand } from '../refusal.ts'
import { readNpy } from './npy.ts'
import type { RawArray } from './raw-array.ts'

const ENDING = '.npy'
const MAX_ARRAYS = 64
/** Of all arrays, unpacked. */
const MAX_BYTES = 512 * 1024 * 1024

/**
 * Reads the arrays of an archive.
 *
 * @throws EngineRefusal `data` for one that holds anything else, such as pickles, claims to unpack to more than the limit, has
 * a name twice, or is broken
 */
export function readNpz(file: string, bytes: Uint8Array): RawArray[] {
  const arrays = Object.entries(unpacked(file, bytes))
  demand(arrays.length > 0, 'data', () => `${file} holds no arrays`)
  return arrays.map(([name, content]) => {
    const array = name.slice(0, -ENDING.length)
    return readNpy(array, `${file}, array "${array}"`, content)
  })
}

function unpacked(file: string, bytes: Uint8Array): Unzipped {
  const names = new Set<string>()
  let sum = 0
  const check = ({ name, originalSize }: { name: string; originalSize: number }) => {
    demand(
      name.endsWith(ENDING),
      'data',
      () => `${file} holds "${name}", which is no array of NumPy: pickles and models are not read`,
    )
    demand(!names.has(name), 'data', () => `${file} holds "${name}" twice`)
    names.add(name)
    sum += originalSize
    demand(names.size <= MAX_ARRAYS, 'data', () => `${file} holds more than ${MAX_ARRAYS} arrays`)
    demand(sum <= MAX_BYTES, 'data', () => `${file} unpacks to more than ${MAX_BYTES} bytes`)
    return true
  }
  try {
    return unzipSync(bytes, { filter: check })
  } catch (error) {
    throw asRefusal('data', `${file} is no whole archive of NumPy`, error)
  }
}
