import { expectGradients, type GradientCase, list, ofOne } from '../../fixtures/gradient-case.ts'
import * as plain from '../../fixtures/reference-operators.ts'
import type { Tensor } from '../tape/tape.ts'
import { abs, exp, gelu, relu, sigmoid, softplus, tanh } from './activations.ts'
import { add, div, mul, negate, scale, shift, sub } from './arithmetic.ts'
import { dense, matMul } from './products.ts'
import { reduceMean, reduceSum } from './reduce.ts'
import { concat, reshape, transpose, transposed } from './shapes.ts'
import { logSoftmax, softmax } from './softmax.ts'

const two = (
  name: string,
  [a, b]: [number[], number[]],
  build: (a: Tensor, b: Tensor) => Tensor,
  reference: (a: number, b: number) => number,
): GradientCase => ({
  name: `${name} of [${a}] and [${b}]`,
  trained: { a, b },
  build: (inputs) => build(inputs.a!, inputs.b!),
  reference: (inputs) => plain.zip(inputs.a!, inputs.b!, reference),
})
const meanOf = (x: plain.Numbers) => x.data.reduce((sum, value) => sum + value, 0) / x.data.length

const CASES: GradientCase[] = [
  two(
    'sum',
    [
      [2, 3],
      [2, 3],
    ],
    add,
    (a, b) => a + b,
  ),
  two(
    'sum',
    [
      [2, 3, 4],
      [3, 1],
    ],
    add,
    (a, b) => a + b,
  ),
  two('difference', [[2, 3], [3]], sub, (a, b) => a - b),
  two('difference', [[2, 3], []], sub, (a, b) => a - b),
  two(
    'product',
    [
      [2, 3],
      [2, 3],
    ],
    mul,
    (a, b) => a * b,
  ),
  two(
    'product',
    [
      [4, 2, 3],
      [1, 3],
    ],
    mul,
    (a, b) => a * b,
  ),
  {
    ...two(
      'quotient',
      [
        [2, 3],
        [2, 1],
      ],
      div,
      (a, b) => a / b,
    ),
    values: (draw) => draw + 2,
  },
  {
    ...two(
      'quotient',
      [
        [2, 3],
        [2, 3],
      ],
      div,
      (a, b) => a / b,
    ),
    values: (draw) => draw - 3,
  },
  ofOne('negative', [5], negate, (x) => plain.map(x, (value) => -value)),
  ofOne(
    'multiple and offset',
    [5],
    (x) => shift(scale(x, 3), -1),
    (x) => plain.map(x, (value) => 3 * value - 1),
  ),
  ofOne(
    'a tensor that is used twice',
    [2, 3],
    (x) => mul(x, add(x, x)),
    (x) => plain.map(x, (value) => 2 * value ** 2),
  ),
  ofOne('relu', [2, 5], relu, (x) => plain.map(x, (value) => Math.max(0, value))),
  ofOne(
    'tanh',
    [2, 5],
    (x) => tanh(scale(x, 3)),
    (x) => plain.map(x, (value) => Math.tanh(3 * value)),
  ),
  ofOne(
    'sigmoid',
    [2, 5],
    (x) => sigmoid(scale(x, 3)),
    (x) => plain.map(x, (value) => 1 / (1 + Math.exp(-3 * value))),
  ),
  ofOne(
    'gelu',
    [2, 9],
    (x) => gelu(scale(x, 3)),
    (x) => plain.map(x, (value) => plain.gelu(3 * value)),
  ),
  ofOne('exp', [2, 5], exp, (x) => plain.map(x, Math.exp)),
  ofOne('abs', [2, 5], abs, (x) => plain.map(x, Math.abs)),
  ofOne(
    'softplus',
    [2, 5],
    (x) => softplus(scale(x, 9)),
    (x) => plain.map(x, (value) => Math.log1p(Math.exp(9 * value))),
  ),
  ofOne(
    'sum over axes',
    [2, 3, 4],
    (x) => reduceSum(x, [0, 2]),
    (x) => plain.fill([3], (j) => plain.total(8, (i) => plain.at(x, i >> 2, j!, i & 3))),
  ),
  ofOne(
    'mean over an axis',
    [2, 3, 4],
    (x) => reduceMean(x, [1]),
    (x) => plain.fill([2, 4], (i, k) => plain.total(3, (j) => plain.at(x, i!, j, k!)) / 3),
  ),
  ofOne(
    'mean of all',
    [2, 3],
    (x) => reduceMean(x),
    (x) => list([], [meanOf(x)]),
  ),
  ofOne(
    'another shape',
    [2, 6],
    (x) => reshape(x, [3, 4]),
    ({ data }) => ({ shape: [3, 4], data }),
  ),
  ofOne(
    'exchanged axes',
    [2, 3, 4],
    (x) => transpose(x, [2, 0, 1]),
    (x) => plain.fill([4, 2, 3], (k, i, j) => plain.at(x, i!, j!, k!)),
  ),
  ofOne(
    'axes exchanged twice',
    [2, 3],
    (x) => mul(transposed(transposed(x)), x),
    (x) => plain.map(x, (value) => value ** 2),
  ),
  {
    name: 'one behind the other',
    trained: { a: [2, 3], b: [2, 1] },
    build: ({ a, b }) => concat([a!, b!, a!], 1),
    reference: ({ a, b }) =>
      plain.fill([2, 7], (i, j) => (j === 3 ? plain.at(b!, i!, 0) : plain.at(a!, i!, j! > 3 ? j! - 4 : j!))),
  },
  {
    name: 'dense layer',
    trained: { x: [4, 3], w: [3, 2], b: [2] },
    build: ({ x, w, b }) => dense(x!, w!, b!),
    reference: ({ x, w, b }) => plain.zip(plain.product(x!, w!), b!, (a, c) => a + c),
  },
  {
    name: 'matrix product',
    trained: { a: [2, 2, 4, 3], b: [2, 2, 3, 5] },
    build: ({ a, b }) => matMul(a!, b!),
    reference: ({ a, b }) => plain.product(a!, b!),
  },
  ofOne(
    'softmax',
    [2, 3, 4],
    (x) => softmax(scale(x, 4)),
    (x) => plain.byRow(x, (row) => plain.softmaxRow(row.map((value) => 4 * value))),
  ),
  ofOne('logarithm of softmax', [3, 4], logSoftmax, (x) =>
    plain.byRow(x, (row) => plain.softmaxRow(row).map(Math.log)),
  ),
]

describe('operators of the builder', () => {
  for (const one of CASES) it(`compute and have the gradient: ${one.name}`, () => expectGradients(one))
})
