import { meanOf, squaredDistance, type Vector } from '../steps.ts'
import { craftedTogether } from './crafted.ts'

const FIRST_LAMBDA = 1
const LEAST_LAMBDA = 1e-5

/**
 * Fang, Cao, Jia, Gong 2020, against Krum: all attackers send −λ times the sign of the honest mean, with λ halved until Krum would
 * pick theirs.
 */
export const fangKrum = craftedTogether(
  {
    name: 'fang-krum',
    description: 'send the update farthest against the honest direction that Krum would still pick',
  },
  ({ honest, means: { attackers } }) => {
    const signs = meanOf(honest).map(Math.sign)
    const typical = Math.sqrt(squaredDistance(honest[0]!, meanOf(honest)) / signs.length)
    const step = (lambda: number) => signs.map((sign) => -lambda * sign)
    let lambda = Math.max(FIRST_LAMBDA * typical, LEAST_LAMBDA)
    while (lambda > LEAST_LAMBDA && !isPicked(step(lambda), honest, attackers)) lambda /= 2
    return step(lambda)
  },
)

/** Whether a step that all attackers send has the smallest sum of squared distances to its n − m − 2 nearest. */
function isPicked(step: Vector, honest: readonly Vector[], attackers: number): boolean {
  const all = [...Array.from({ length: attackers }, () => step), ...honest]
  const neighbours = Math.max(1, honest.length - 2)
  const score = (one: Vector) =>
    all
      .filter((other) => other !== one)
      .concat(one === step ? Array.from({ length: attackers - 1 }, () => step) : [])
      .map((other) => squaredDistance(one, other))
      .sort((a, b) => a - b)
      .slice(0, neighbours)
      .reduce((sum, distance) => sum + distance, 0)
  const own = score(step)
  return honest.every((one) => own < score(one))
}
