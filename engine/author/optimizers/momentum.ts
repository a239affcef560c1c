import { mul, sub } from '../operators/arithmetic.ts'
import { plusGradient } from './add-gradient.ts'
import type { Descent } from './optimizer.ts'

/** v ← momentum · v + g,  w ← w − rate · v */
export function momentum(
  { weights, gradients, rate, keep, become }: Descent,
  options: { momentum: number },
): void {
  weights.forEach((weight, i) => {
    const before = keep(`velocity.${weight.name}`, weight.shape, 0)
    const velocity = plusGradient(before, options.momentum, gradients[i]!)
    become(before, velocity)
    become(weight, sub(weight, mul(velocity, rate)))
  })
}
