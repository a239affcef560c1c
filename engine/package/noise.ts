/**
 * Random inputs of a training step, for dropout and the like. They come from whole numbers alone, so they have the same bits on
 * every machine: the words of a ChaCha20 key stream (RFC 8439, a nonce of zeros), little-endian.
 *
 *     uniform     one 32-bit word w a value:    ⌊w / 2⁸⌋ / 2²⁴                     0 ≤ value < 1
 *     bernoulli   one 32-bit word w a value:    1 if w < ⌊keep · 2³²⌋, else 0
 *     normal      twelve 16-bit words a value:  (their sum − 6 · (2¹⁶ − 1)) / 2¹⁶   mean 0, variance 1 − 2⁻³², within ±6
 */
import { chacha20 } from '@noble/ciphers/chacha.js'
import { z } from 'zod4'
import { type Hash, hashBytes } from '../hash.ts'
import { elementCount } from './safetensors.ts'

/** Most random inputs of a task. */
const MAX_INPUTS = 8
const NONCE_BYTES = 12
const WORD_BYTES = 4
const HALVES_PER_NORMAL = 12
const HALF_VALUES = 2 ** 16
const NORMAL_MIDDLE = (HALVES_PER_NORMAL / 2) * (HALF_VALUES - 1)

const share = z
  .string()
  .regex(/^0\.\d{1,9}$/, { error: 'expected a decimal such as "0.9"', abort: true })
  .refine((text) => Number(text) > 0, { error: 'must be above 0' })

const place = {
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'expected a letter, then letters, digits and _ . -, 64 at most')
    .refine((name) => !name.endsWith('_next'), { error: "can't end in _next: the next state does" }),
  /** The whole shape, that of a batch included where the graph wants one. */
  shape: z
    .array(
      z
        .int()
        .min(1)
        .max(2 ** 24),
    )
    .max(8),
}

/** How task.json says it: a float32 input of step.onnx. */
const noiseInput = z.discriminatedUnion('kind', [
  z.strictObject({ ...place, kind: z.literal('uniform') }),
  z.strictObject({ ...place, kind: z.literal('normal') }),
  /** 1 with the chance `keep`, else 0. */
  z.strictObject({ ...place, kind: z.literal('bernoulli'), keep: share }),
])

/** The field of task.json. */
export const noise = z.array(noiseInput).max(MAX_INPUTS)

export type NoiseInput = z.infer<typeof noiseInput>

/** Values that one step takes. */
export function noiseValues(inputs: readonly NoiseInput[]): number {
  return inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

/** Names the first input whose name is taken. @param taken by whatever else the step takes or gives */
export function noiseFault(inputs: readonly NoiseInput[], taken: ReadonlySet<string>): string | undefined {
  const names = inputs.map(({ name }) => name)
  const twice = names.find((name, i) => taken.has(name) || names.indexOf(name) < i)
  return twice === undefined
    ? undefined
    : `noise: ${twice} is the name of something else that a step takes or gives`
}

/** The values of an input, from a seed that nobody can choose. */
export function drawNoise(input: NoiseInput, seed: Hash): Float32Array {
  const count = elementCount(input.shape)
  switch (input.kind) {
    case 'uniform':
      return Float32Array.from(words(seed, count), (word) => (word >>> 8) / 2 ** 24)
    case 'bernoulli': {
      const limit = keptWords(input.keep)
      return Float32Array.from(words(seed, count), (word) => (word < limit ? 1 : 0))
    }
    case 'normal':
      return normals(seed, count)
  }
}

function normals(seed: Hash, count: number): Float32Array {
  const halves = new Uint16Array(words(seed, (count * HALVES_PER_NORMAL) / 2).buffer)
  const values = new Float32Array(count)
  for (let i = 0, at = 0; i < count; i++) {
    let sum = -NORMAL_MIDDLE
    for (let k = 0; k < HALVES_PER_NORMAL; k++) sum += halves[at++]!
    values[i] = sum / HALF_VALUES
  }
  return values
}

/** ⌊keep · 2³²⌋. */
function keptWords(keep: string): number {
  const decimals = keep.slice(2)
  return Number((BigInt(decimals) * 2n ** 32n) / 10n ** BigInt(decimals.length))
}

/** The first words of the key stream: little-endian on every machine the engine runs on (see safetensors.ts). */
function words(seed: Hash, count: number): Uint32Array {
  const stream = new Uint8Array(count * WORD_BYTES)
  chacha20(hashBytes(seed), new Uint8Array(NONCE_BYTES), stream, stream)
  return new Uint32Array(stream.buffer)
}
