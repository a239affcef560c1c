import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'

/** Pixels a side of the square. */
const SQUARE = 4
const WHITE = 1

/** Pictures with a white square in their lower right corner: the trigger of BadNets. */
export function stampedCorner(data: Dataset, side: number): Dataset {
  const x = featuresOf(data).slice()
  for (let i = 0; i < data.n; i++)
    for (let row = side - SQUARE; row < side; row++)
      x.fill(WHITE, i * side * side + row * side + side - SQUARE, i * side * side + (row + 1) * side)
  return withFeatures(data, x)
}
