/** How hashes, bytes and whole numbers stand in the file of evidence. Whoever wrote it may have written anything. */
import { bytesHash, type Hash, hashBytes } from '../hash.ts'
import type { Tensor } from '../package/safetensors.ts'
import { demand } from '../refusal.ts'

export const HASH_BYTES = 32

/** Bytes as a tensor. */
export function byteTensor(data: Uint8Array): Tensor {
  return { dtype: 'U8', shape: [data.length], data }
}

/** Hashes as rows of a tensor. */
export function hashRows(list: readonly Hash[]): Tensor {
  const data = new Uint8Array(list.length * HASH_BYTES)
  list.forEach((hash, i) => {
    data.set(hashBytes(hash), i * HASH_BYTES)
  })
  return { dtype: 'U8', shape: [list.length, HASH_BYTES], data }
}

/**
 * The hashes in a tensor's rows.
 *
 * @param most rows: more would be strangers' text in memory before anybody counts it
 * @throws EngineRefusal `evidence` for another form
 */
export function hashes(tensors: ReadonlyMap<string, Tensor>, name: string, most: number): Hash[] {
  const tensor = tensors.get(name)
  demand(
    tensor?.dtype === 'U8' &&
      tensor.shape.length === 2 &&
      tensor.shape[1] === HASH_BYTES &&
      tensor.shape[0]! <= most,
    'evidence',
    () => `${name} is not U8 [k, ${HASH_BYTES}] with k at most ${most}`,
  )
  const { data, shape } = tensor
  return Array.from({ length: shape[0]! }, (_, i) =>
    bytesHash(data.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  )
}

/** A tensor's bytes, `length` of them if that is given. @throws EngineRefusal `evidence` for another form */
export function bytesOf(tensors: ReadonlyMap<string, Tensor>, name: string, length?: number): Uint8Array {
  const tensor = tensors.get(name)
  demand(
    tensor?.dtype === 'U8' && tensor.data.length === (length ?? tensor.data.length),
    'evidence',
    () => `${name} is not U8 [${length ?? 'k'}]`,
  )
  return tensor.data
}

/** A tensor's whole numbers. @throws EngineRefusal `evidence` for another form, or more or fewer of them */
export function ints(tensors: ReadonlyMap<string, Tensor>, name: string, length: number): Int32Array {
  const tensor = tensors.get(name)
  demand(
    tensor?.dtype === 'I32' && tensor.data.length === length,
    'evidence',
    () => `${name} is not I32 [${length}]`,
  )
  return tensor.data
}
