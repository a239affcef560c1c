import { type Hash, rawBytes, sha256 } from '../hash.ts'
import type { Dataset } from './data.ts'

/**
 * Hash of each sample's inputs alone, so that a copy with another target is found, too. Zeros of both signs are alike: they are
 * the same number.
 */
export function contentHashes({ inputs, n }: Dataset): Hash[] {
  const columns = Object.keys(inputs)
    .sort()
    .map((name) => inputs[name]!)
  return Array.from({ length: n }, (_, i) => {
    const parts = columns.map((values) => {
      const size = values.length / n
      const own = values.slice(i * size, (i + 1) * size)
      // Adding zero turns −0 into 0 and changes nothing else.
      for (let k = 0; k < own.length; k++) own[k]! += 0
      return rawBytes(own)
    })
    return sha256(...parts)
  })
}
