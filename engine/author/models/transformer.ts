import type { Target } from '../../package/sample-spec.ts'
import { demand } from '../../refusal.ts'
import { gelu } from '../operators/activations.ts'
import { add } from '../operators/arithmetic.ts'
import { attention } from '../operators/attention.ts'
import { embedding } from '../operators/embedding.ts'
import { layerNorm } from '../operators/layer-norm.ts'
import { dense } from '../operators/products.ts'
import { reduceMean } from '../operators/reduce.ts'
import { reshape } from '../operators/shapes.ts'
import type { Tensor } from '../tape/tape.ts'
import { type Draft, dropped, evenVariance, type Scores, weight } from './draft.ts'
import type { ModelKind } from './model-kind.ts'

/** How many times wider the inner layer of a block is. */
const INNER = 4
/** Tables begin small, so that the first scores are nearly even. */
const TABLE_LIMIT = 0.05

type Sizes = Extract<ModelKind, { kind: 'transformer' }>

/**
 * Transformer with layer norm before each part of a block, GELU and learned places. For tokens it looks back only and
 * scores what follows each place; otherwise it looks everywhere and scores the mean over places.
 *
 * @returns scores [rows · length, vocabulary] for tokens, [rows, count] otherwise
 */
export function transformer(draft: Draft, sizes: Sizes, target: Target, scores: Scores): Tensor {
  const { rows } = draft
  const { length, places } = placesOf(draft, sizes.width, target)
  const isCausal = target.kind === 'tokens'
  let x = places
  for (let i = 0; i < sizes.layers; i++) x = block(draft, x, i, { ...sizes, length, isCausal })
  const top = norm(draft, 'norm', x)
  const last = isCausal ? top : reduceMean(reshape(top, [rows, length, sizes.width]), [1])
  const w = weight(draft, 'out.w', [sizes.width, scores.count], scores.begin(evenVariance(sizes.width)))
  return dense(last, w, weight(draft, 'out.b', [scores.count], { value: 0 }))
}

function block(
  draft: Draft,
  x: Tensor,
  i: number,
  { width, heads, length, isCausal }: Sizes & { length: number; isCausal: boolean },
): Tensor {
  const name = `block${i}`
  const seen = norm(draft, `${name}.norm1`, x)
  const [q, k, v] = ['q', 'k', 'v'].map((part) => linear(draft, `${name}.${part}`, seen, width)) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const attended = attention({ q, k, v }, { batch: draft.rows, length, heads, isCausal })
  const mixed = add(x, linear(draft, `${name}.mix`, attended, width))
  const inner = gelu(linear(draft, `${name}.inner`, norm(draft, `${name}.norm2`, mixed), INNER * width))
  return add(mixed, dropped(draft, linear(draft, `${name}.outer`, inner, width)))
}

/** Each place of the input as a row of numbers, with what is learned about the place itself. */
function placesOf(draft: Draft, width: number, target: Target): { length: number; places: Tensor } {
  const [first, ...more] = draft.inputs
  const [length, features] = first!.shape
  const isSequence = first!.shape.length === (first!.dtype === 'float32' ? 2 : 1)
  demand(
    isSequence && more.length === 0,
    'spec',
    () =>
      'a transformer takes one input: tokens of shape [length], or numbers of shape [length, features]; use mlp for columns',
  )
  demand(
    first!.dtype === 'float32' || first!.below !== undefined,
    'spec',
    () => `input ${first!.name} is ${first!.dtype} and doesn't say below what its numbers are; give it below`,
  )
  demand(
    target.kind !== 'tokens' || (target.length === length && first!.dtype !== 'float32'),
    'spec',
    () =>
      `a target of ${target.kind === 'tokens' ? target.length : 0} tokens needs as many tokens as input, input ${first!.name} has ${first!.dtype} of shape [${first!.shape}]`,
  )
  const { rows } = draft
  const table = (name: string, count: number) => weight(draft, name, [count, width], { limit: TABLE_LIMIT })
  const seen =
    first!.dtype === 'float32'
      ? linear(draft, 'in', reshape(first!.tensor, [rows * length!, features!]), width)
      : embedding(table('tokens', first!.below!), first!.tensor)
  const placed = add(reshape(seen, [rows, length!, width]), table('places', length!))
  return { length: length!, places: reshape(placed, [rows * length!, width]) }
}

function linear(draft: Draft, name: string, x: Tensor, outputs: number): Tensor {
  const inputs = x.shape[1]!
  const w = weight(draft, `${name}.w`, [inputs, outputs], evenVariance(inputs))
  return dense(x, w, weight(draft, `${name}.b`, [outputs], { value: 0 }))
}

function norm(draft: Draft, name: string, x: Tensor): Tensor {
  const shape = x.shape.slice(1)
  const gain = weight(draft, `${name}.gain`, shape, { value: 1 })
  return layerNorm(x, gain, weight(draft, `${name}.bias`, shape, { value: 0 }))
}
