/** Pooling of pictures [batch, channels, height, width] by windows that lie side by side; what is left over at the end is dropped. */
import { emit, emitAll, isTracked, linked, scalar, sizeOf, type Tensor } from '../tape/tape.ts'
import { expand, reshape } from './shapes.ts'

export type Window = readonly [height: number, width: number]

/** The largest value of each window. Its gradient goes to the first place that has it. */
export function maxPool(x: Tensor, window: Window): Tensor {
  const shape = pooled(x, window)
  const attributes = { kernel_shape: window.map(BigInt), strides: window.map(BigInt) }
  if (!isTracked(x)) return emit('MaxPool', [x], { shape }, attributes)
  const [result, places] = emitAll('MaxPool', [x], [{ shape }, { shape, type: 'int64' }], attributes)
  const along = (g: Tensor) => {
    const zeros = expand(scalar(x.tape, 0), [sizeOf(x)])
    const flat = [places, g].map((one) => reshape(one, [sizeOf(one)])) as [Tensor, Tensor]
    return reshape(emit('ScatterElements', [zeros, ...flat], { shape: zeros.shape }), x.shape)
  }
  return linked(result, [{ to: x, gradient: along }])
}

/** The mean of each window. Its gradient is spread evenly, by a transposed convolution of each picture's channels alone. */
export function averagePool(x: Tensor, window: Window): Tensor {
  const shape = pooled(x, window)
  const [kernel, strides] = [window.map(BigInt), window.map(BigInt)]
  const result = emit('AveragePool', [x], { shape }, { kernel_shape: kernel, strides })
  const along = (g: Tensor) => {
    const [batch, channels, height, width] = x.shape as [number, number, number, number]
    const shares = expand(scalar(x.tape, 1 / (window[0] * window[1])), [1, 1, ...window])
    const single = reshape(g, [batch * channels, 1, ...g.shape.slice(2)])
    const output_padding = [height % window[0], width % window[1]].map(BigInt)
    const spread = { shape: [batch * channels, 1, height, width] }
    return reshape(emit('ConvTranspose', [single, shares], spread, { strides, output_padding }), x.shape)
  }
  return linked(result, [{ to: x, gradient: along }])
}

function pooled(x: Tensor, window: Window): number[] {
  const [batch, channels, ...sizes] = x.shape as [number, number, number, number]
  return [batch, channels, ...sizes.map((size, i) => Math.floor(size / window[i]!))]
}
