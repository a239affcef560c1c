import type { Grid } from '../../package/sample-spec.ts'
import { demand } from '../../refusal.ts'
import { relu } from '../operators/activations.ts'
import { convolution } from '../operators/convolution.ts'
import { maxPool, type Window } from '../operators/pooling.ts'
import { dense } from '../operators/products.ts'
import { reshape, transpose } from '../operators/shapes.ts'
import { sizeOf, type Tensor } from '../tape/tape.ts'
import { beforeRelu, type Draft, dropped, evenVariance, type Scores, weight } from './draft.ts'

const KERNEL = 3

/**
 * Convolutions of 3 × 3 with ReLU, each followed by the largest of 2 × 2 windows while the picture is wide enough, then a
 * dense layer.
 *
 * @param maps of each convolution
 * @returns scores [rows, count]
 */
export function cnn(draft: Draft, maps: readonly number[], scores: Scores): Tensor {
  const top = maps.reduce((below, count, i) => layer(draft, below, count, i), picture(draft))
  const width = sizeOf(top) / draft.rows
  const flat = dropped(draft, reshape(top, [draft.rows, width]))
  const w = weight(draft, 'out.w', [width, scores.count], scores.begin(evenVariance(width)))
  return dense(flat, w, weight(draft, 'out.b', [scores.count], { value: 0 }))
}

/** The largest of a window is taken before ReLU, which then has less to do: the result is the same. */
function layer(draft: Draft, below: Tensor, maps: number, i: number): Tensor {
  const [, channels, height, width] = below.shape as [number, number, number, number]
  const kernel = [maps, channels, KERNEL, KERNEL]
  const w = weight(draft, `conv${i}.w`, kernel, beforeRelu(channels * KERNEL * KERNEL))
  const b = weight(draft, `conv${i}.b`, [maps], { value: 0 })
  const seen = convolution(below, w, b, { strides: [1, 1], pads: [1, 1] })
  const window: Window = [Math.min(2, height), Math.min(2, width)]
  return relu(window[0] * window[1] === 1 ? seen : maxPool(seen, window))
}

/** The input as [rows, channels, height, width]. */
function picture({ inputs, rows }: Draft): Tensor {
  const [first, ...more] = inputs
  const grid = first?.dtype === 'float32' ? first.grid : undefined
  demand(
    grid !== undefined && more.length === 0,
    'spec',
    () => 'a cnn takes one input of pictures, with a grid of height, width and channels; use mlp for columns',
  )
  return channelsFirst(first!.tensor, rows, grid)
}

function channelsFirst(x: Tensor, rows: number, { height, width, channels, order }: Grid): Tensor {
  if (order === 'channels-first') return reshape(x, [rows, channels, height, width])
  return transpose(reshape(x, [rows, height, width, channels]), [0, 3, 1, 2])
}
