/** The part of task.json that says what a sample is: inputs, target, stratum; and how a model is measured on it. */
import { z } from 'zod4'
import { DTYPES } from './element-types.ts'
import { elementCount } from './safetensors.ts'

/** Names that graphs and data files use for something other than inputs and state. */
export const RESERVED_NAMES = ['y', 'lr', 'loss', 'losses', 'metrics', 'predictions', 'stratum', 'salt.seed']
/** Whole numbers up to here are the same as float32, by which a sample's leaf holds its target. */
const MAX_VOCABULARY = 2 ** 24
const MAX_STRATA = 1000

export const count = (max: number) => z.int().min(1).max(max)

export const shape = (minRank: number) =>
  z
    .array(count(2 ** 24))
    .min(minRank)
    .max(8)

/** A word or some, to be shown beside figures. */
const words = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\p{L}\p{N}%°$€£¥](?:[\p{L}\p{M}\p{N} .,/%°²³·()_-]*[\p{L}\p{M}\p{N}%°²³)])?$/u, {
      error: 'expected words of letters, digits and . , / % ° ( ) _ -',
    })

const grid = z.strictObject({
  /** 1 for a series, as of sound. */
  height: count(2 ** 24),
  width: count(2 ** 24),
  channels: count(2 ** 24),
  /** Whether a place's channels stand beside one another, or each channel's places do. */
  order: z.enum(['channels-last', 'channels-first']),
})

/** How one sample's features lie in space. */
export type Grid = z.infer<typeof grid>

const INPUT_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/** Whether task.json takes a name for an input. */
export function isInputName(name: string): boolean {
  return INPUT_NAME.test(name) && !isReserved(name)
}

function isReserved(name: string): boolean {
  return RESERVED_NAMES.includes(name) || name.endsWith('_next')
}

const input = z.strictObject({
  name: z
    .string()
    .regex(INPUT_NAME, 'expected a letter, then letters, digits and _ . -, 64 at most')
    .refine((name) => !isReserved(name), { error: `can't name an input: reserved` }),
  /** Data files hold whole numbers of either kind as int32; graphs get the kind that stands here. */
  dtype: z.enum(DTYPES),
  /** Of one sample. */
  shape: shape(1),
  /** Whole numbers are 0 and above, and below this. */
  below: z
    .int()
    .min(2)
    .max(2 ** 31)
    .exactOptional(),
  /** With it, shifted copies of the pool's samples are found, too: see judge/spectra.ts. */
  grid: grid.exactOptional(),
})

const target = z.discriminatedUnion('kind', [
  /** One class of several: graphs get a row with a one at its place. */
  z.strictObject({ kind: z.literal('class'), classes: z.int().min(2).max(1000) }),
  /** Real values. */
  z.strictObject({ kind: z.literal('values'), count: count(65_536) }),
  /** Yes or no to each of several labels. */
  z.strictObject({ kind: z.literal('labels'), count: count(65_536) }),
  /** Whole numbers below `vocabulary`, as of the next tokens of a text. */
  z.strictObject({
    kind: z.literal('tokens'),
    length: count(65_536),
    vocabulary: z.int().min(2).max(MAX_VOCABULARY),
  }),
])

const strata = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('class') }),
  z.strictObject({ by: z.literal('column'), names: z.array(words(60)).min(2).max(MAX_STRATA) }),
])

const metric = z.strictObject({
  name: words(40),
  /** Empty where it has none. A share is shown in percent. */
  unit: z.union([z.literal(''), words(20)]),
  /** Which values are better. */
  direction: z.enum(['higher', 'lower']),
  /** What is shown of the samples' metrics: their mean, or e to its power, as perplexity is that of a loss. */
  of: z.enum(['mean', 'exp-mean']),
})

/** Fields of task.json. */
export const SAMPLE_FIELDS = {
  /** Tensors of one sample, in the order in which graphs take them. */
  inputs: z.array(input).min(1).max(8),
  target,
  /** Parts of the held-out pool, for rarity: its classes, or a column of its own. */
  strata,
  /** What training makes small. */
  loss: z.strictObject({ name: words(40) }),
  metric,
}

/** Samples of each stratum. */
export const strataCounts = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 24),
  )
  .min(2)
  .max(MAX_STRATA)

export type Input = z.infer<typeof input>
export type Target = z.infer<typeof target>
export type Metric = z.infer<typeof metric>

/** Share of the samples whose class is predicted: 1 for each of them, 0 for the others. */
export const ACCURACY: Metric = { name: 'accuracy', unit: 'share', direction: 'higher', of: 'mean' }

/** What a sample is. */
export type SampleSpec = { inputs: readonly Input[]; target: Target; strata: z.infer<typeof strata> }

/** Tells `refuse` what of a sample contradicts itself, or the state's names. */
export function refuseSample(
  { inputs, target, strata }: SampleSpec,
  stateNames: ReadonlySet<string>,
  refuse: (message: string) => void,
): void {
  const names = new Set(inputs.map(({ name }) => name))
  if (names.size !== inputs.length) refuse('inputs: an input is named twice')
  for (const input of inputs) {
    if (stateNames.has(input.name)) refuse(`inputs: ${input.name} names a state tensor, too`)
    refuseInput(input, refuse)
  }
  if (strata.by === 'class' && target.kind !== 'class')
    refuse(
      `strata: by class needs a target of classes, this one is of ${target.kind}: name a column's strata`,
    )
  if (strata.by === 'column' && new Set(strata.names).size !== strata.names.length)
    refuse('strata: a stratum is named twice')
}

function refuseInput({ name, dtype, shape, below, grid }: Input, refuse: (message: string) => void): void {
  const isWhole = dtype !== 'float32'
  if (isWhole && below === undefined) refuse(`inputs: ${name} is ${dtype} and needs below`)
  if (!isWhole && below !== undefined) refuse(`inputs: ${name} is float32, below is for whole numbers`)
  if (isWhole && grid !== undefined) refuse(`inputs: ${name} is ${dtype}, a grid is for float32`)
  if (grid !== undefined) refuseGrid(name, grid, elementCount(shape), refuse)
}

function refuseGrid(name: string, grid: Grid, features: number, refuse: (message: string) => void): void {
  const { height, width, channels } = grid
  const values = height * width * channels
  if (values !== features)
    refuse(
      `${name}.grid: ${height} × ${width} × ${channels} (height, width, channels) are ${values} values, ` +
        `a sample has ${features}`,
    )
  if (height * width === 1)
    refuse(`${name}.grid: height and width are 1: leave the grid out where features have no place`)
}

/** How many strata there are. */
export function strataCount({ strata, target }: Pick<SampleSpec, 'strata' | 'target'>): number {
  if (strata.by === 'column') return strata.names.length
  return target.kind === 'class' ? target.classes : 0
}

/** A stratum in words. */
export function stratumText({ strata }: Pick<SampleSpec, 'strata'>, stratum: number): string {
  return strata.by === 'column' ? `stratum ${strata.names[stratum]}` : `class ${stratum}`
}

/** Values of one sample's target as data files hold it: a class is one number. */
export function targetSize(target: Target): number {
  switch (target.kind) {
    case 'class':
      return 1
    case 'tokens':
      return target.length
    default:
      return target.count
  }
}

/** One sample's target as graphs get it. */
export function targetPort(target: Target): { dtype: 'float32' | 'int64'; shape: number[] } {
  switch (target.kind) {
    case 'class':
      return { dtype: 'float32', shape: [target.classes] }
    case 'tokens':
      return { dtype: 'int64', shape: [target.length] }
    default:
      return { dtype: 'float32', shape: [target.count] }
  }
}

/** Memory of one sample as graphs get it, in float32 values; an int64 is two. */
export function valuesInBatch({ inputs, target }: Pick<SampleSpec, 'inputs' | 'target'>): number {
  return [...inputs, targetPort(target)].reduce(
    (sum, { dtype, shape }) => sum + (dtype === 'int64' ? 2 : 1) * elementCount(shape),
    0,
  )
}

/** Bytes of one sample in a contributor's data file. */
export function sampleBytes({ inputs, target }: Pick<SampleSpec, 'inputs' | 'target'>): number {
  const values = inputs.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  return 4 * (values + targetSize(target))
}
