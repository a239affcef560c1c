import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'
import type { Dataset } from '../package/data.ts'

/** Cells of a row. */
const WIDTH = 256
/** Cells to which each number goes. */
const CELLS_OF_NUMBER = 4

/**
 * What writes samples of whole numbers as rows that can be compared like features. Each number goes, with a sign, to four
 * cells, which a hash of its place and value draws. So two rows are about as far apart, squared, as eight times the places
 * at which their samples differ: near copies are samples with most numbers at the same places.
 *
 * @param places numbers of one sample
 * @returns takes the numbers of `n` samples, which stand one after the other
 */
export function cellsOf(
  seed: Hash,
  places: number,
): (numbers: Dataset['inputs'][string], n: number) => Float32Array {
  const keys = Int32Array.from(drawIndices(seed, places, 2 ** 24))
  return (numbers, n) => {
    const rows = new Float32Array(n * WIDTH)
    for (let at = 0; at < numbers.length; at++) {
      const row = WIDTH * Math.floor(at / places)
      let bits = keys[at % places]! ^ numbers[at]!
      for (let cell = 0; cell < CELLS_OF_NUMBER; cell++) {
        bits = mixed(bits + cell)
        rows[row + (bits & (WIDTH - 1))]! += bits < 0 ? -1 : 1
      }
    }
    return rows
  }
}

/** The finaliser of MurmurHash3 (Appleby 2011): every bit of the result depends on all of the 32. */
function mixed(bits: number): number {
  let h = bits | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
