/**
 * The only source of randomness: keccak256 in counter mode over a seed that the beacon fixes. Solidity computes the same.
 *
 *     block(c) = keccak256(abi.encode(bytes32 seed, uint256 c))
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** 32 bytes, as 0x and 64 lowercase hexadecimal digits. */
export type Hash = `0x${string}`

const WORD_BYTES = 32
const DRAWS_PER_BLOCK = 8
const MAX_BULK_BOUND = 2 ** 24

/**
 * A seed for one purpose: keccak256(abi.encode(seed, keccak256(label), words…)).
 *
 * @param words uint256 numbers or bytes32 hashes. @throws RangeError for a number outside uint256 or a hash that isn't
 * 32 bytes.
 */
export function deriveSeed(seed: Hash, label: string, ...words: (bigint | Hash)[]): Hash {
  const encoded = new Uint8Array(WORD_BYTES * (2 + words.length))
  encoded.set(word(seed))
  encoded.set(keccak_256(utf8ToBytes(label)), WORD_BYTES)
  words.forEach((value, i) => {
    encoded.set(word(value), WORD_BYTES * (2 + i))
  })
  return `0x${bytesToHex(keccak_256(encoded))}`
}

/** A whole number below `bound`: block(counter) mod bound. For bounds below 2^53 the bias is under 2^-203. */
export function drawUint(seed: Hash, counter: number, bound: number): number {
  if (!Number.isSafeInteger(bound) || bound < 1)
    throw new RangeError(`bound ${bound} is not a positive whole number`)
  const block = keccak_256(counterInput(seed, counter))
  return Number(BigInt(`0x${bytesToHex(block)}`) % BigInt(bound))
}

/**
 * `count` whole numbers below `bound` (≤ 2^24), eight to a block: draw i is big-endian uint32 word i mod 8 of block
 * ⌊i / 8⌋, mod bound. The bias is under bound / 2^32.
 */
export function drawIndices(seed: Hash, count: number, bound: number): number[] {
  if (!Number.isSafeInteger(bound) || bound < 1 || bound > MAX_BULK_BOUND) {
    throw new RangeError(`bound ${bound} is outside 1 … ${MAX_BULK_BOUND}`)
  }
  const input = counterInput(seed, 0)
  const counter = new DataView(input.buffer, 2 * WORD_BYTES - 4)
  const draws: number[] = []
  for (let block = 0; draws.length < count; block++) {
    counter.setUint32(0, block)
    const bytes = keccak_256(input)
    const words = new DataView(bytes.buffer, bytes.byteOffset, WORD_BYTES)
    for (let i = 0; i < DRAWS_PER_BLOCK && draws.length < count; i++)
      draws.push(words.getUint32(4 * i) % bound)
  }
  return draws
}

function counterInput(seed: Hash, counter: number): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(2 * WORD_BYTES)
  input.set(word(seed))
  input.set(word(BigInt(counter)), WORD_BYTES)
  return input
}

function word(value: bigint | Hash): Uint8Array {
  const digits = typeof value === 'bigint' ? value.toString(16).padStart(2 * WORD_BYTES, '0') : value.slice(2)
  if (digits.length !== 2 * WORD_BYTES || digits.includes('-')) {
    throw new RangeError(`${value} is not a 32-byte word`)
  }
  return hexToBytes(digits)
}
