import { norm } from '@assay/engine/vector.ts'
import { deviationOf, meanOf, plus, type Vector } from '../steps.ts'

const FIRST_GAMMA = 10
const TOLERANCE = 0.01

/**
 * The step as far from the honest mean as a condition lets it be (Shejwalkar, Houmansadr 2021): mean − γ · deviation, the deviations
 * of the coordinates scaled to length 1, with the largest γ that passes.
 *
 * @param passes whether a step looks honest, given the honest ones
 */
export function farthest(honest: readonly Vector[], passes: (step: Vector) => boolean): Vector {
  const mean = meanOf(honest)
  const deviation = deviationOf(honest, mean)
  const length = norm(deviation)
  const away = length === 0 ? deviation : deviation.map((value) => value / length)
  let [gamma, step, best] = [FIRST_GAMMA, FIRST_GAMMA / 2, 0]
  while (step > TOLERANCE) {
    const isFine = passes(plus(mean, away, -gamma))
    if (isFine) best = gamma
    gamma += isFine ? step : -step
    step /= 2
  }
  return plus(mean, away, -best)
}
