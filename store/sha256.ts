import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Hash } from './blob-store.ts'

/** A sha256 that takes its input in pieces. */
export type RunningHash = { update(bytes: Uint8Array): void; end(): Hash }

const nodeCrypto = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:crypto')

/** Starts a sha256: the native one in Node, the portable one in a browser. */
export function startHash(): RunningHash {
  if (!nodeCrypto) {
    const hash = sha256.create()
    return { update: (bytes) => void hash.update(bytes), end: () => `0x${bytesToHex(hash.digest())}` }
  }
  const hash = nodeCrypto.createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), end: () => `0x${hash.digest('hex')}` }
}

/** sha256 of the bytes: their name in every store. */
export function hashOf(bytes: Uint8Array): Hash {
  const hash = startHash()
  hash.update(bytes)
  return hash.end()
}
