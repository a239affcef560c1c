import { minusGradient } from './add-gradient.ts'
import type { Descent } from './optimizer.ts'

/** w ← w − g, where g comes multiplied by the rate. */
export function sgd({ weights, gradients, become }: Descent): void {
  weights.forEach((weight, i) => {
    become(weight, minusGradient(weight, gradients[i]!))
  })
}
