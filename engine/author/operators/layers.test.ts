import { expectGradients, type GradientCase, list, ofOne } from '../../fixtures/gradient-case.ts'
import * as plain from '../../fixtures/reference-operators.ts'
import { emit, type Tensor } from '../tape/tape.ts'
import { scale } from './arithmetic.ts'
import { attention } from './attention.ts'
import { convolution } from './convolution.ts'
import { dropout } from './dropout.ts'
import { embedding } from './embedding.ts'
import { layerNorm } from './layer-norm.ts'
import { classLosses, labelLosses, squaredLosses, tokenLosses } from './losses.ts'
import { averagePool, maxPool } from './pooling.ts'

const asIds = (x: Tensor) => emit('Cast', [x], { shape: x.shape, type: 'int64' }, { to: 7n })

const pictures = (
  strides: [number, number],
  pads: [number, number],
  shapes: [number[], number[]],
): GradientCase => ({
  name: `convolution of [${shapes[0]}] by [${shapes[1]}], strides ${strides}, pads ${pads}`,
  trained: { x: shapes[0], w: shapes[1], b: [shapes[1][0]!] },
  build: ({ x, w, b }) => convolution(x!, w!, b!, { strides, pads }),
  reference: ({ x, w, b }) => plain.convolution(x!, w!, b!, { strides, pads }),
})
const heads = (count: number, isCausal: boolean): GradientCase => ({
  name: `attention of ${count} heads, ${isCausal ? 'causal' : 'full'}`,
  trained: { q: [6, 4], k: [6, 4], v: [6, 4] },
  build: ({ q, k, v }) => attention({ q: q!, k: k!, v: v! }, { batch: 2, length: 3, heads: count, isCausal }),
  reference: ({ q, k, v }) => plain.attention(q!, k!, v!, { length: 3, heads: count, isCausal }),
})
const rows = (x: plain.Numbers, of: (row: number) => number) => plain.fill([x.shape[0]!], (row) => of(row!))

const LABELS = list([3, 4], [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1])
const IDS = list([5], [2, 0, 2, 1, 2])
const KEEPS = list([3, 4], [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1])

const CASES: GradientCase[] = [
  {
    name: 'layer norm',
    trained: { x: [4, 6], gain: [6], bias: [6] },
    build: ({ x, gain, bias }) => layerNorm(x!, gain!, bias!),
    reference: ({ x, gain, bias }) => plain.layerNorm(x!, gain!, bias!),
  },
  {
    name: 'embedding',
    trained: { table: [4, 3] },
    given: { ids: IDS },
    build: ({ table, ids }) => embedding(table!, asIds(ids!)),
    reference: ({ table, ids }) => plain.fill([5, 3], (i, j) => plain.at(table!, ids!.data[i!]!, j!)),
  },
  {
    name: 'dropout',
    trained: { x: [3, 4] },
    given: { keeps: KEEPS },
    build: ({ x, keeps }) => dropout(x!, keeps!, 0.75),
    reference: ({ x, keeps }) => plain.zip(x!, keeps!, (value, keep) => (value * keep) / 0.75),
  },
  pictures(
    [1, 1],
    [0, 0],
    [
      [2, 1, 4, 5],
      [3, 1, 3, 2],
    ],
  ),
  pictures(
    [1, 1],
    [1, 1],
    [
      [2, 3, 4, 4],
      [2, 3, 3, 3],
    ],
  ),
  pictures(
    [2, 2],
    [1, 0],
    [
      [2, 2, 5, 6],
      [3, 2, 3, 3],
    ],
  ),
  pictures(
    [2, 3],
    [0, 2],
    [
      [1, 2, 6, 7],
      [2, 2, 2, 4],
    ],
  ),
  ofOne(
    'largest of windows',
    [2, 2, 4, 6],
    (x) => maxPool(x, [2, 3]),
    (x) => plain.pool(x, [2, 3], (all) => Math.max(...all)),
  ),
  ofOne(
    'largest of windows with a rest',
    [1, 2, 5, 3],
    (x) => maxPool(x, [2, 2]),
    (x) => plain.pool(x, [2, 2], (all) => Math.max(...all)),
  ),
  ofOne(
    'mean of windows',
    [2, 2, 4, 6],
    (x) => averagePool(x, [2, 3]),
    (x) => plain.pool(x, [2, 3], (all) => plain.total(6, (i) => all[i]!) / 6),
  ),
  ofOne(
    'mean of windows with a rest',
    [1, 2, 5, 3],
    (x) => averagePool(x, [2, 2]),
    (x) => plain.pool(x, [2, 2], (all) => plain.total(4, (i) => all[i]!) / 4),
  ),
  heads(1, false),
  heads(2, false),
  heads(1, true),
  heads(2, true),
  {
    name: 'cross-entropy of classes',
    trained: { x: [3, 4] },
    given: { y: LABELS },
    build: ({ x, y }) => classLosses(x!, y!),
    reference: ({ x, y }) =>
      rows(x!, (row) => {
        const shares = plain.softmaxRow(x!.data.subarray(4 * row, 4 * row + 4))
        return -plain.total(4, (c) => plain.at(y!, row, c) * Math.log(shares[c]!))
      }),
  },
  {
    name: 'cross-entropy of tokens',
    trained: { x: [5, 4] },
    given: { ids: IDS },
    build: ({ x, ids }) => tokenLosses(x!, asIds(ids!)),
    reference: ({ x, ids }) =>
      rows(
        x!,
        (row) => -Math.log(plain.softmaxRow(x!.data.subarray(4 * row, 4 * row + 4))[ids!.data[row]!]!),
      ),
  },
  {
    name: 'squared loss',
    trained: { x: [3, 4] },
    given: { y: LABELS },
    build: ({ x, y }) => squaredLosses(x!, y!),
    reference: ({ x, y }) =>
      rows(x!, (row) => plain.total(4, (i) => (plain.at(x!, row, i) - plain.at(y!, row, i)) ** 2) / 4),
  },
  {
    name: 'cross-entropy of labels',
    trained: { x: [3, 4] },
    given: { y: LABELS },
    build: ({ x, y }) => labelLosses(scale(x!, 5), y!),
    reference: ({ x, y }) =>
      rows(x!, (row) => {
        const loss = (z: number, label: number) => Math.log1p(Math.exp(z)) - z * label
        return plain.total(4, (i) => loss(5 * plain.at(x!, row, i), plain.at(y!, row, i))) / 4
      }),
  },
]

describe('layers and losses of the builder', () => {
  for (const one of CASES) it(`compute and have the gradient: ${one.name}`, () => expectGradients(one))
})
