import { drawIndices } from '@assay/sdk/protocol/random.ts'
import type { Hash } from '../hash.ts'

/** Coordinates of a sketch; cosines of sketches deviate from those of the vectors by about 1 / √1024 ≈ 3 %. */
export const DEFAULT_SKETCH_WIDTH = 1024

/**
 * A count sketch (Charikar et al. 2002): each coordinate is added, with a random sign, to one random cell. Inner products are kept in
 * expectation, so updates can be compared without fetching them. The seed comes from the beacon, after all commitments: nobody
 * can shape an update for it.
 *
 * @returns `width` float32 values, summed in doubles in index order.
 */
export function sketchDelta(delta: Float32Array, seed: Hash, width = DEFAULT_SKETCH_WIDTH): Float32Array {
  const cells = new Float64Array(width)
  const draws = drawIndices(seed, delta.length, 2 * width)
  for (let i = 0; i < delta.length; i++) {
    const draw = draws[i]!
    const value = delta[i]!
    if (draw < width) cells[draw]! += value
    else cells[draw - width]! -= value
  }
  return Float32Array.from(cells)
}
