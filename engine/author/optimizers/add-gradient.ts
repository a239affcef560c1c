import { add, scale, sub } from '../operators/arithmetic.ts'
import { emit, type Tensor } from '../tape/tape.ts'

/** `before − gradient`, in the product that gives the gradient if it is one. */
export function minusGradient(before: Tensor, gradient: Tensor): Tensor {
  return inProduct(before, gradient, { alpha: -1, beta: 1 }) ?? sub(before, gradient)
}

/** `factor · before + gradient`, in the product that gives the gradient if it is one. */
export function plusGradient(before: Tensor, factor: number, gradient: Tensor): Tensor {
  return inProduct(before, gradient, { alpha: 1, beta: factor }) ?? add(scale(before, factor), gradient)
}

function inProduct(
  before: Tensor,
  gradient: Tensor,
  factors: { alpha: number; beta: number },
): Tensor | undefined {
  const maker = gradient.tape.makers.get(gradient)
  if (maker?.operator !== 'Gemm' || maker.inputs.length !== 2) return undefined
  const [a, b] = maker.inputs as [Tensor, Tensor]
  return emit('Gemm', [a, b, before], { shape: before.shape }, { ...maker.attributes, ...factors })
}
