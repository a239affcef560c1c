import { deviationOf, meanOf, plus } from '../steps.ts'
import { craftedTogether } from './crafted.ts'

const Z = 0.5

/** The same with a z that cheap tests don't see. */
export const alieHalf = craftedTogether(
  { name: 'alie-half', description: 'send mean − 0.5 deviations of the honest updates' },
  ({ honest }) => {
    const mean = meanOf(honest)
    return plus(mean, deviationOf(honest, mean), -Z)
  },
)
