import { emit, ints, linked, scalar, type Tensor } from '../tape/tape.ts'
import { reduceSum } from './reduce.ts'
import { concat, reshape, slice, transposed } from './shapes.ts'

export type ConvolutionOptions = {
  /** Places that a window moves on, down and to the right. */
  strides: readonly [number, number]
  /** Zeros around the picture: above and below, left and right. */
  pads: readonly [number, number]
}

/**
 * Two-dimensional convolution.
 *
 * The gradient of `x` is the transposed convolution of g. That of `weight` is the product of g with the windows, which are
 * copied side by side: one slice of the padded picture for each place of the kernel.
 *
 * @param x [batch, channels, height, width]
 * @param weight [maps, channels, kernel height, kernel width]
 * @param bias [maps]
 * @returns [batch, maps, height, width]
 */
export function convolution(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  { strides, pads }: ConvolutionOptions,
): Tensor {
  const [batch, channels] = x.shape as [number, number]
  const [maps, each, ...kernel] = weight.shape as [number, number, number, number]
  if (x.shape.length !== 4 || channels !== each)
    throw new Error(`pictures [${x.shape}] and kernels [${weight.shape}] don't fit together`)
  const sizes = x.shape.slice(2)
  const places = sizes.map((size, i) => Math.floor((size + 2 * pads[i]! - kernel[i]!) / strides[i]!) + 1)
  const sides = [...pads, ...pads].map(BigInt)
  const windows = { strides: strides.map(BigInt), pads: sides }
  const result = emit('Conv', [x, weight, bias], { shape: [batch, maps, ...places] }, windows)
  // Places at the end that no window reaches.
  const rest = sizes.map((size, i) => (size + 2 * pads[i]! - kernel[i]!) % strides[i]!)
  return linked(result, [
    {
      to: x,
      gradient: (g) =>
        emit(
          'ConvTranspose',
          [g, weight],
          { shape: x.shape },
          { ...windows, output_padding: rest.map(BigInt) },
        ),
    },
    { to: weight, gradient: (g) => weightGradient(x, g, weight.shape, { strides, pads }) },
    { to: bias, gradient: (g) => reduceSum(g, [0, 2, 3]) },
  ])
}

function weightGradient(
  x: Tensor,
  g: Tensor,
  shape: readonly number[],
  { strides, pads }: ConvolutionOptions,
): Tensor {
  const [batch, maps, down, right] = g.shape as [number, number, number, number]
  const [, channels, high, wide] = shape as [number, number, number, number]
  const padded = pad(x, pads)
  const windows = Array.from({ length: high * wide }, (_, i) =>
    slice(padded, [
      { axis: 2, start: Math.floor(i / wide), count: down, step: strides[0] },
      { axis: 3, start: i % wide, count: right, step: strides[1] },
    ]),
  )
  const columns = concat(windows as [Tensor, ...Tensor[]], 1)
  const places = down * right
  const product = emit(
    'MatMul',
    [
      reshape(columns, [batch, high * wide * channels, places]),
      transposed(reshape(g, [batch, maps, places])),
    ],
    { shape: [batch, high * wide * channels, maps] },
  )
  const sum = reshape(reduceSum(product, [0]), [high, wide, channels, maps])
  return emit('Transpose', [sum], { shape }, { perm: [3n, 2n, 0n, 1n] })
}

function pad(x: Tensor, [above, left]: readonly [number, number]): Tensor {
  if (above === 0 && left === 0) return x
  const [batch, channels, height, width] = x.shape as [number, number, number, number]
  const amounts = ints(x.tape, [0, 0, above, left, 0, 0, above, left])
  const shape = [batch, channels, height + 2 * above, width + 2 * left]
  return emit('Pad', [x, amounts, scalar(x.tape, 0)], { shape })
}
