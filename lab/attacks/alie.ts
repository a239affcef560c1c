import { deviationOf, meanOf, plus } from '../steps.ts'
import { craftedTogether } from './crafted.ts'

/** What the authors used against MNIST; their bound, by how many honest updates have to be farther out, gives 0.2 for four of twenty. */
const Z = 1.5

/** A little is enough (Baruch, Baruch, Goldberg 2019): all attackers send mean − z deviations of the honest steps, by coordinate. */
export const alie = craftedTogether(
  { name: 'alie', description: `send mean − ${Z} deviations of the honest updates, by coordinate` },
  ({ honest }) => {
    const mean = meanOf(honest)
    return plus(mean, deviationOf(honest, mean), -Z)
  },
)
