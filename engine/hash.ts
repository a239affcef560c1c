import { sha256 as portableSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** 32 bytes, as 0x and 64 lowercase hexadecimal digits. */
export type Hash = `0x${string}`

type NativeHash = { update(bytes: Uint8Array): NativeHash; digest(): Uint8Array }
type NativeCrypto = { createHash(name: 'sha256'): NativeHash }
type NodeProcess = { getBuiltinModule?: (name: string) => NativeCrypto | undefined }

// Node's own implementation is several times faster; asking the process for it keeps this file loadable in browsers.
const native = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:crypto')

/** sha256 of the concatenation of `parts`, as bytes. */
export function sha256Bytes(...parts: Uint8Array[]): Uint8Array {
  const hash = native === undefined ? portableSha256.create() : native.createHash('sha256')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
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
