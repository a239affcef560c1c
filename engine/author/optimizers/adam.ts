/**
 * Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), in the order that takes the fewest
 * passes over a weight. Both moments are kept without their factor 1 − β, and what corrects them enters with numbers:
 *
 *     m ← β₁ m + g,  v ← β₂ v + g²,  p₁ ← β₁ p₁,  p₂ ← β₂ p₂        (p begins with 1)
 *     c = √((1 − β₂) / (1 − p₂)),  size = rate (1 − β₁) / (1 − p₁)
 *     w ← (1 − rate · decay) w − (size / c) · m / (√v + ε / c)
 *
 * Powers that are multiplied step by step are the same bits everywhere. Weights of one axis (biases, gains) don't decay.
 */
import { add, div, mul, scale, shift, sub } from '../operators/arithmetic.ts'
import { emit, scalar, type Tensor } from '../tape/tape.ts'
import type { Descent } from './optimizer.ts'

type AdamOptions = { beta1: number; beta2: number; epsilon: number; weightDecay: number }

export function adam(descent: Descent, options: AdamOptions): void {
  const { weights, gradients, rate, keep, become } = descent
  const { beta1, beta2, epsilon, weightDecay } = options
  const size = div(scale(rate, complement(beta1)), untilNow(descent, 'adam.power1', beta1))
  const correction = root(div(scalar(rate.tape, complement(beta2)), untilNow(descent, 'adam.power2', beta2)))
  const [pace, floor] = [div(size, correction), div(scalar(rate.tape, epsilon), correction)]
  const left = shift(scale(rate, -weightDecay), 1)
  weights.forEach((weight, i) => {
    const gradient = gradients[i]!
    const mean = keep(`mean.${weight.name}`, weight.shape, 0)
    const square = keep(`square.${weight.name}`, weight.shape, 0)
    const nextMean = add(scale(mean, beta1), gradient)
    const nextSquare = add(scale(square, beta2), mul(gradient, gradient))
    become(mean, nextMean)
    become(square, nextSquare)
    const decays = weightDecay !== 0 && weight.shape.length > 1
    const way = mul(div(nextMean, add(root(nextSquare), floor)), pace)
    become(weight, sub(decays ? mul(weight, left) : weight, way))
  })
}

/** 1 − β in float32, from the β that the graph has. */
const complement = (beta: number) => 1 - Math.fround(beta)

/** 1 − β to the power of the steps so far, this one included. */
function untilNow({ keep, become }: Descent, name: string, beta: number): Tensor {
  const before = keep(name, [], 1)
  const power = scale(before, beta)
  become(before, power)
  return sub(scalar(before.tape, 1), power)
}

function root(x: Tensor): Tensor {
  return emit('Sqrt', [x], { shape: x.shape })
}
