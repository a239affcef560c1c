/** Functions of one element, and their slopes. */
import { emit, linked, scalar, type Tensor } from '../tape/tape.ts'
import { mul, negate, scale, shift, sub } from './arithmetic.ts'

/** max(0, x); the slope at 0 is 0. */
export function relu(x: Tensor): Tensor {
  const result = same('Relu', x)
  // The sign of the result is 1 where it is open and 0 elsewhere.
  return linked(result, [{ to: x, gradient: (g) => mul(g, same('Sign', result)) }])
}

export function tanh(x: Tensor): Tensor {
  const result = same('Tanh', x)
  return linked(result, [{ to: x, gradient: (g) => mul(g, sub(scalar(x.tape, 1), mul(result, result))) }])
}

/** 1 / (1 + e^−x) */
export function sigmoid(x: Tensor): Tensor {
  const result = same('Sigmoid', x)
  return linked(result, [{ to: x, gradient: (g) => mul(g, mul(result, sub(scalar(x.tape, 1), result))) }])
}

/** x Φ(x), with Φ the distribution of the standard normal, by the error function. Its slope is Φ(x) + x φ(x). */
export function gelu(x: Tensor): Tensor {
  const below = scale(shift(same('Erf', scale(x, Math.SQRT1_2)), 1), 0.5)
  const density = () => scale(same('Exp', scale(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return linked(mul(x, below), [
    { to: x, gradient: (g) => mul(g, emit('Add', [below, mul(x, density())], { shape: x.shape })) },
  ])
}

export function exp(x: Tensor): Tensor {
  const result = same('Exp', x)
  return linked(result, [{ to: x, gradient: (g) => mul(g, result) }])
}

export function abs(x: Tensor): Tensor {
  return linked(same('Abs', x), [{ to: x, gradient: (g) => mul(g, same('Sign', x)) }])
}

/** ln(1 + e^x) without overflow: max(0, x) + ln(1 + e^−|x|). Its slope is the sigmoid. */
export function softplus(x: Tensor): Tensor {
  const tail = same('Log', shift(same('Exp', negate(same('Abs', x))), 1))
  const result = emit('Add', [same('Relu', x), tail], { shape: x.shape })
  return linked(result, [{ to: x, gradient: (g) => mul(g, sigmoid(x)) }])
}

function same(operator: string, x: Tensor): Tensor {
  return emit(operator, [x], { shape: x.shape })
}
