/** Matrix products. */
import { emit, linked, type Tensor } from '../tape/tape.ts'
import { reduceSum } from './reduce.ts'
import { transposed } from './shapes.ts'

/** a [rows, inner] · w [inner, columns] + b [columns]. */
export function dense(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [rows, inner] = x.shape
  const [inputs, columns] = weight.shape
  if (x.shape.length !== 2 || inner !== inputs || bias.shape.join() !== `${columns}`)
    throw new Error(`[${x.shape}] · [${weight.shape}] + [${bias.shape}] don't fit together`)
  const result = emit('Gemm', [x, weight, bias], { shape: [rows!, columns!] })
  return linked(result, [
    { to: x, gradient: (g) => emit('Gemm', [g, weight], { shape: x.shape }, { transB: 1n }) },
    { to: weight, gradient: (g) => emit('Gemm', [x, g], { shape: weight.shape }, { transA: 1n }) },
    { to: bias, gradient: (g) => reduceSum(g, [0]) },
  ])
}

/** a […, rows, inner] · b […, inner, columns] with the same leading axes. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  const [many, others] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  if (a.shape.at(-1) !== b.shape.at(-2) || many.join() !== others.join())
    throw new Error(`[${a.shape}] · [${b.shape}] don't fit together`)
  const result = emit('MatMul', [a, b], { shape: [...a.shape.slice(0, -1), b.shape.at(-1)!] })
  return linked(result, [
    { to: a, gradient: (g) => matMul(g, transposed(b)) },
    { to: b, gradient: (g) => matMul(transposed(a), g) },
  ])
}
