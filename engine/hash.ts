import { sha256 as portableSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** 32 bytes, as 0x and 64 lowercase hexadecimal digits. */
export type Hash = `0x${string}`

type NativeHash = { update(bytes: Uint8Array): NativeHash; digest(): Uint8Array }
type NativeCrypto = {
  createHash(name: 'sha256'): NativeHash
  hash(name: 'sha256', bytes: Uint8Array, encoding: 'hex'): string
}
type NativeBytes = { write(text: string, offset: number, encoding: 'hex'): number }
type NativeBuffer = {
  Buffer: { from(memory: ArrayBuffer, offset: number, length: number): NativeBytes }
}
type NodeProcess = {
  getBuiltinModule?(name: 'node:crypto'): NativeCrypto | undefined
  getBuiltinModule?(name: 'node:buffer'): NativeBuffer | undefined
}

// Node's own implementation is several times faster; asking the process for it keeps this file loadable in browsers.
const node = (globalThis as { process?: NodeProcess }).process
const native = node?.getBuiltinModule?.('node:crypto')
const nativeBuffer = node?.getBuiltinModule?.('node:buffer')

const DIGEST_BYTES = 32

/** sha256 of the concatenation of `parts`, as bytes. */
export function sha256Bytes(...parts: Uint8Array[]): Uint8Array {
  const hash = native === undefined ? portableSha256.create() : native.createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}

/**
 * The sha256 of each of many byte strings, one after the other in one array.
 *
 * @param piece the i-th byte string; its memory may be used again for the next one
 */
export function sha256Each(count: number, piece: (i: number) => Uint8Array): Uint8Array {
  const digests = new Uint8Array(DIGEST_BYTES * count)
  if (native === undefined || nativeBuffer === undefined) {
    for (let i = 0; i < count; i++) digests.set(portableSha256(piece(i)), DIGEST_BYTES * i)
    return digests
  }
  // Of what Node offers, text takes the least time for a short string: no object is made for a digest.
  const target = nativeBuffer.Buffer.from(digests.buffer, 0, digests.length)
  for (let i = 0; i < count; i++) {
    target.write(native.hash('sha256', piece(i), 'hex'), DIGEST_BYTES * i, 'hex')
  }
  return digests
}

/** sha256 of the concatenation of `parts`. */
export function sha256(...parts: Uint8Array[]): Hash {
  return bytesHash(sha256Bytes(...parts))
}

/** The hash under which a file or blob is stored and named in task.json: sha256 of its bytes. */
export function blobHash(bytes: Uint8Array): Hash {
  return sha256(bytes)
}

/** 32 bytes as a {@link Hash}. */
export function bytesHash(bytes: Uint8Array): Hash {
  return `0x${bytesToHex(bytes)}`
}

/** A {@link Hash} as 32 bytes. */
export function hashBytes(hash: Hash): Uint8Array {
  return hexToBytes(hash.slice(2))
}

/** The memory of a typed array as bytes: little-endian on every machine the engine runs on (see safetensors.ts). */
export function rawBytes(data: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
