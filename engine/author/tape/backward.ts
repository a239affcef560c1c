import { add } from '../operators/arithmetic.ts'
import { scalar, type Tensor } from './tape.ts'

/**
 * Adds the nodes that compute the gradient of `loss` (one number) with respect to trained inputs.
 *
 * @param seed what the gradient starts with, a number: 1 by default; with the learning rate every gradient comes
 * multiplied by it, at no further cost
 * @returns one gradient for each of `wanted`, of its shape
 * @throws Error if the loss isn't one number, or doesn't depend on one of `wanted`
 */
export function backward(loss: Tensor, wanted: readonly Tensor[], seed?: Tensor): Tensor[] {
  const { tape } = loss
  if (loss.shape.length > 0) throw new Error(`the loss has shape [${loss.shape}], not []`)
  const made = [...tape.links.keys()].reverse()
  const gradients = new Map<Tensor, Tensor>([[loss, seed ?? scalar(tape, 1)]])
  for (const result of made) {
    const gradient = gradients.get(result)
    if (gradient === undefined) continue
    gradients.delete(result)
    for (const { to, gradient: along } of tape.links.get(result)!) {
      const before = gradients.get(to)
      const part = along(gradient)
      gradients.set(to, before === undefined ? part : add(before, part))
    }
  }
  return wanted.map((one) => {
    const gradient = gradients.get(one)
    if (gradient === undefined) throw new Error(`the loss does not depend on ${one.name}`)
    return gradient
  })
}
