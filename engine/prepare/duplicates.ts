import { sha256Bytes } from '../hash.ts'

/** Bits of a hash that a float64 holds. Among 10^6 things, two hashes are equal by chance once in 10^4 files. */
const LOW_BITS = 2 ** 21

/** Counts things that are equal to an earlier one, in eight bytes for each. */
export class Duplicates {
  readonly #keys: Float64Array
  #count = 0

  constructor(most: number) {
    this.#keys = new Float64Array(most)
  }

  add(...parts: Uint8Array[]): void {
    const digest = sha256Bytes(...parts)
    const view = new DataView(digest.buffer, digest.byteOffset, 8)
    this.#keys[this.#count++] = view.getUint32(0) * LOW_BITS + (view.getUint32(4) % LOW_BITS)
  }

  /** How many of the things were there before. */
  count(): number {
    const keys = this.#keys.subarray(0, this.#count).sort()
    let repeated = 0
    for (let i = 1; i < keys.length; i++) if (keys[i] === keys[i - 1]) repeated++
    return repeated
  }
}
