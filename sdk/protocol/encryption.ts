import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { deriveSeed, type Hash } from './random.ts'
import { xWing } from './x-wing.ts'

/**
 * Encryption to a recipient. X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem) gives a fresh 32-byte key for each
 * message, and XChaCha20-Poly1305 encrypts under it. Only the secret key decrypts. Somebody who records messages today and has a
 * quantum computer later still has to break ML-KEM-768.
 *
 * Layout: version (1) ‖ X-Wing ciphertext (1,120) ‖ ciphertext and tag (n + 16). The nonce is zero because a key encrypts one message.
 *
 * Encryption under a key that several people share, for what is stored once: XChaCha20-Poly1305. Its nonce are the first 24 bytes of
 * the sha256 of the associated data, so that the same message encrypts to the same bytes; no two messages may have the same
 * associated data.
 *
 * Layout: version (1) ‖ ciphertext and tag (n + 16).
 *
 * Such a key is encrypted to each of its readers with randomness that follows from the key. So the same key gives the same bytes, and
 * whoever has the key can make what every other reader must have got.
 */

/** Bytes of a public key: 1,184 of ML-KEM-768 and 32 of X25519. */
export const ENCRYPTION_PUBLIC_KEY_BYTES = 1_216
/** Bytes of the seed that a key pair is made of. */
export const ENCRYPTION_SEED_BYTES = 32
/** Bytes that encryption adds to a message. */
export const ENCRYPTION_OVERHEAD_BYTES = 1 + 1_120 + 16

/** Bytes of a key that several people share. */
export const SHARED_KEY_BYTES = 32
/** Bytes that encryption under such a key adds to a message. */
export const SHARED_KEY_OVERHEAD_BYTES = 1 + 16
/** Bytes of such a key, encrypted to a reader. */
export const ENCRYPTED_KEY_BYTES = SHARED_KEY_BYTES + ENCRYPTION_OVERHEAD_BYTES

const VERSION = 1
const ENCAPSULATED_BYTES = 1_120
const RANDOMNESS_BYTES = 64
const NONCE = new Uint8Array(24)

export type EncryptionKeys = { publicKey: Uint8Array; secretKey: Uint8Array }

/** A key that cannot be used, or a message that was altered, encrypted to another key or under other associated data. */
export class EncryptionError extends Error {
  override name = 'EncryptionError'
}

function asBytes(aad: string | Uint8Array): Uint8Array {
  return typeof aad === 'string' ? new TextEncoder().encode(aad) : aad
}

function requireLength(
  what: string,
  bytes: Uint8Array,
  expected: number,
  fix = 'Make it with generateEncryptionKeys.',
): void {
  if (bytes.length === expected) return
  throw new EncryptionError(`${what} has ${bytes.length} bytes and needs ${expected}. ${fix}`)
}

/**
 * The key pair of a seed.
 *
 * @param seed 32 secret bytes; the same seed gives the same keys
 * @throws EncryptionError when the seed has another length
 */
export function generateEncryptionKeys(seed: Uint8Array): EncryptionKeys {
  requireLength('the seed', seed, ENCRYPTION_SEED_BYTES)
  const { publicKey, secretKey } = xWing.keygen(seed)
  return { publicKey, secretKey }
}

/**
 * Encrypts `bytes` so that only the holder of the secret key can read them, and only under the same associated data.
 *
 * @param publicKey 1,216 bytes
 * @param bytes the message, of any length
 * @param aad what the message belongs to; not encrypted, must be given again to decrypt it
 * @param randomness 64 bytes that are secret and serve one message only; fresh ones when left out
 * @returns ENCRYPTION_OVERHEAD_BYTES more than the message
 * @throws EncryptionError when the public key has a wrong length or is not a key
 */
export function encryptTo(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  aad: string | Uint8Array,
  randomness?: Uint8Array,
): Uint8Array {
  requireLength('the public key', publicKey, ENCRYPTION_PUBLIC_KEY_BYTES)
  if (randomness) requireLength('the randomness', randomness, RANDOMNESS_BYTES)
  const { cipherText, sharedSecret } = encapsulate(publicKey, randomness)
  const encrypted = xchacha20poly1305(sharedSecret, NONCE, asBytes(aad)).encrypt(bytes)
  const out = new Uint8Array(1 + ENCAPSULATED_BYTES + encrypted.length)
  out[0] = VERSION
  out.set(cipherText, 1)
  out.set(encrypted, 1 + ENCAPSULATED_BYTES)
  return out
}

function encapsulate(publicKey: Uint8Array, randomness: Uint8Array | undefined) {
  try {
    return randomness ? xWing.encapsulate(publicKey, randomness) : xWing.encapsulate(publicKey)
  } catch (cause) {
    throw new EncryptionError(
      'the public key is not an X-Wing key: its owner has to join with another one.',
      {
        cause,
      },
    )
  }
}

/**
 * Decrypts what `encryptTo` made.
 *
 * @param secretKey the 32 bytes from generateEncryptionKeys
 * @throws EncryptionError when the message was altered or cut, or belongs to another key or other associated data
 */
export function decrypt(secretKey: Uint8Array, encrypted: Uint8Array, aad: string | Uint8Array): Uint8Array {
  requireShortest(encrypted, ENCRYPTION_OVERHEAD_BYTES)
  requireVersion(encrypted)
  try {
    const key = xWing.decapsulate(encrypted.subarray(1, 1 + ENCAPSULATED_BYTES), secretKey)
    return xchacha20poly1305(key, NONCE, asBytes(aad)).decrypt(encrypted.subarray(1 + ENCAPSULATED_BYTES))
  } catch (cause) {
    throw new EncryptionError(
      'the message was altered, or encrypted to another key or for another purpose.',
      {
        cause,
      },
    )
  }
}

/**
 * Encrypts `bytes` under a key that several people share. The same arguments give the same bytes.
 *
 * @param key 32 secret bytes
 * @param aad what the message belongs to, must be given again to decrypt it; under one key, another one for each message
 * @returns SHARED_KEY_OVERHEAD_BYTES more than the message
 * @throws EncryptionError when the key has another length
 */
export function encryptWithKey(key: Uint8Array, bytes: Uint8Array, aad: string): Uint8Array {
  requireLength('the shared key', key, SHARED_KEY_BYTES, 'Take as many random bytes.')
  const encrypted = sharedCipher(key, aad).encrypt(bytes)
  const out = new Uint8Array(1 + encrypted.length)
  out[0] = VERSION
  out.set(encrypted, 1)
  return out
}

/**
 * Decrypts what `encryptWithKey` made.
 *
 * @throws EncryptionError when the message was altered or cut, or belongs to another key or other associated data
 */
export function decryptWithKey(key: Uint8Array, encrypted: Uint8Array, aad: string): Uint8Array {
  requireLength('the shared key', key, SHARED_KEY_BYTES, 'Take as many random bytes.')
  requireShortest(encrypted, SHARED_KEY_OVERHEAD_BYTES)
  requireVersion(encrypted)
  try {
    return sharedCipher(key, aad).decrypt(encrypted.subarray(1))
  } catch (cause) {
    throw new EncryptionError(
      'the message was altered, or encrypted under another key or for another purpose.',
      { cause },
    )
  }
}

/**
 * Encrypts a key that several people share to one of them. The same arguments give the same bytes.
 *
 * @param publicKey the reader's, 1,216 bytes
 * @param key 32 random bytes: what can be guessed is not safe
 * @param aad what the key is for, must be given again to decrypt it
 * @returns ENCRYPTED_KEY_BYTES
 * @throws EncryptionError when a key has another length or the public one is none
 */
export function encryptKeyTo(publicKey: Uint8Array, key: Uint8Array, aad: string): Uint8Array {
  requireLength('the shared key', key, SHARED_KEY_BYTES, 'Take as many random bytes.')
  const seed = deriveSeed(hashOfBytes(key), aad, hashOfBytes(sha256(publicKey)))
  const randomness = new Uint8Array(RANDOMNESS_BYTES)
  for (const half of [0, 1]) {
    const bytes = hexToBytes(deriveSeed(seed, 'randomness of an encrypted key', BigInt(half)).slice(2))
    randomness.set(bytes, (half * RANDOMNESS_BYTES) / 2)
  }
  return encryptTo(publicKey, key, aad, randomness)
}

function hashOfBytes(bytes: Uint8Array): Hash {
  return `0x${bytesToHex(bytes)}`
}

function sharedCipher(key: Uint8Array, aad: string) {
  const associated = asBytes(aad)
  return xchacha20poly1305(key, sha256(associated).subarray(0, NONCE.length), associated)
}

function requireShortest(encrypted: Uint8Array, shortest: number): void {
  if (encrypted.length >= shortest) return
  throw new EncryptionError(
    `the encrypted message has ${encrypted.length} bytes; the shortest has ${shortest}.`,
  )
}

function requireVersion(encrypted: Uint8Array): void {
  if (encrypted[0] === VERSION) return
  throw new EncryptionError(
    `the encrypted message has version ${encrypted[0]}; this program reads version ${VERSION}.`,
  )
}
