import { squaredDistance, type Vector } from '../steps.ts'
import { craftedTogether } from './crafted.ts'
import { farthest } from './farthest.ts'

/** Its squared distances to the honest updates sum to no more than those of an honest one. */
export const minSum = craftedTogether(
  {
    name: 'min-sum',
    description: 'send the update farthest out whose squared distances sum to no more than an honest one’s',
  },
  ({ honest }) => {
    const distances = (from: Vector) => honest.reduce((sum, one) => sum + squaredDistance(one, from), 0)
    const most = Math.max(...honest.map(distances))
    return farthest(honest, (step) => distances(step) <= most)
  },
)
