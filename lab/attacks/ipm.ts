import { meanOf } from '../steps.ts'
import { craftedTogether } from './crafted.ts'

const EPSILON = 0.5

/** Inner product manipulation (Xie, Koyejo, Gupta 2020): −ε times the honest mean, short enough to pass as an honest length. */
export const ipm = craftedTogether(
  { name: 'ipm', description: 'send −0.5 times the mean of the honest updates' },
  ({ honest }) => meanOf(honest).map((value) => -EPSILON * value),
)
