/** Fewest and most steps of a window. */
const FEWEST_STEPS = 3
const MOST_STEPS = 10

/**
 * Steps of a window for a round of so many steps: the smallest divisor from 3 on.
 *
 * @throws RangeError when none up to 10 divides them
 */
export function stepsOfWindow(steps: number): number {
  for (let window = FEWEST_STEPS; window <= MOST_STEPS; window++) if (steps % window === 0) return window
  throw new RangeError(
    `${steps} steps have no windows of ${FEWEST_STEPS} to ${MOST_STEPS} steps: use a multiple of ${FEWEST_STEPS}, such as ${steps - (steps % FEWEST_STEPS) || FEWEST_STEPS}`,
  )
}
