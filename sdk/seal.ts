import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js'

/**
 * Sealing to a public key: X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem) gives a fresh 32-byte key for each
 * message, XChaCha20-Poly1305 encrypts under it. Reading a sealed message needs the secret key; whoever records it today and owns
 * a quantum computer tomorrow must break both halves.
 *
 * Layout: version (1) ‖ X-Wing ciphertext (1,120) ‖ ciphertext and tag (n + 16). The nonce is zero because a key encrypts one message.
 */

/** Bytes of a public key: 1,184 of ML-KEM-768 and 32 of X25519. */
export const SEAL_PUBLIC_KEY_BYTES = 1_216
/** Bytes of the seed that a key pair is made of. */
export const SEAL_SEED_BYTES = 32
/** Bytes that sealing adds to a message. */
export const SEAL_OVERHEAD_BYTES = 1 + 1_120 + 16

const VERSION = 1
const ENCAPSULATED_BYTES = 1_120
const RANDOMNESS_BYTES = 64
const NONCE = new Uint8Array(24)

export type SealKeys = { publicKey: Uint8Array; secretKey: Uint8Array }

/** A key that cannot be used, or a message that was altered, sealed for another key or under other associated data. */
export class SealError extends Error {
  override name = 'SealError'
}

function asBytes(aad: string | Uint8Array): Uint8Array {
  return typeof aad === 'string' ? new TextEncoder().encode(aad) : aad
}

function requireLength(what: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return
  throw new SealError(
    `${what} has ${bytes.length} bytes and needs ${expected}. Make it with generateSealKeys.`,
  )
}

/**
 * The key pair of a seed.
 *
 * @param seed 32 secret bytes; the same seed gives the same keys
 * @throws SealError when the seed has another length
 */
export function generateSealKeys(seed: Uint8Array): SealKeys {
  requireLength('the seed', seed, SEAL_SEED_BYTES)
  const { publicKey, secretKey } = xWing.keygen(seed)
  return { publicKey, secretKey }
}

/**
 * Encrypts `bytes` so that only the holder of the secret key can read them, and only under the same associated data.
 *
 * @param publicKey 1,216 bytes
 * @param bytes the message, of any length
 * @param aad what the message belongs to; not encrypted, must be given again to open it
 * @param randomness 64 bytes that are secret and serve one message only; fresh ones when left out
 * @returns SEAL_OVERHEAD_BYTES more than the message
 * @throws SealError when the public key has a wrong length or is not a key
 */
export function sealTo(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  aad: string | Uint8Array,
  randomness?: Uint8Array,
): Uint8Array {
  requireLength('the public key', publicKey, SEAL_PUBLIC_KEY_BYTES)
  if (randomness) requireLength('the randomness', randomness, RANDOMNESS_BYTES)
  const { cipherText, sharedSecret } = encapsulate(publicKey, randomness)
  const sealed = xchacha20poly1305(sharedSecret, NONCE, asBytes(aad)).encrypt(bytes)
  const out = new Uint8Array(1 + ENCAPSULATED_BYTES + sealed.length)
  out[0] = VERSION
  out.set(cipherText, 1)
  out.set(sealed, 1 + ENCAPSULATED_BYTES)
  return out
}

function encapsulate(publicKey: Uint8Array, randomness: Uint8Array | undefined) {
  try {
    return randomness ? xWing.encapsulate(publicKey, randomness) : xWing.encapsulate(publicKey)
  } catch (cause) {
    throw new SealError('the public key is not an X-Wing key: its owner has to join with another one.', {
      cause,
    })
  }
}

/**
 * Decrypts what `sealTo` made.
 *
 * @param secretKey the 32 bytes from generateSealKeys
 * @throws SealError when the message was altered or cut, or belongs to another key or other associated data
 */
export function openSealed(secretKey: Uint8Array, sealed: Uint8Array, aad: string | Uint8Array): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD_BYTES) {
    throw new SealError(
      `the sealed message has ${sealed.length} bytes; the shortest has ${SEAL_OVERHEAD_BYTES}.`,
    )
  }
  if (sealed[0] !== VERSION) {
    throw new SealError(`the sealed message has version ${sealed[0]}; this program reads version ${VERSION}.`)
  }
  try {
    const key = xWing.decapsulate(sealed.subarray(1, 1 + ENCAPSULATED_BYTES), secretKey)
    return xchacha20poly1305(key, NONCE, asBytes(aad)).decrypt(sealed.subarray(1 + ENCAPSULATED_BYTES))
  } catch (cause) {
    throw new SealError('the sealed message was altered, or sealed for another key or another purpose.', {
      cause,
    })
  }
}
