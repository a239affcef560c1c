import { squaredDistance } from '../steps.ts'
import { craftedTogether } from './crafted.ts'
import { farthest } from './farthest.ts'

/** No farther from any honest update than the two honest ones that are farthest apart. */
export const minMax = craftedTogether(
  {
    name: 'min-max',
    description: 'send the update farthest out that is no farther from any honest one than two of these are',
  },
  ({ honest }) => {
    const most = Math.max(
      0,
      ...honest.flatMap((one, i) => honest.slice(i + 1).map((other) => squaredDistance(one, other))),
    )
    return farthest(honest, (step) => honest.every((one) => squaredDistance(one, step) <= most))
  },
)
