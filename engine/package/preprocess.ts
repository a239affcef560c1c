/**
 * preprocess.json: how files that people have become samples of a task. It is data, not code, so that a stranger's runs
 * nothing. Numbers are decimal texts: each is read as a float64, a value becomes (value − mean) / deviation in float64, and
 * is rounded to float32 once. So each machine makes the same samples of the same values.
 */
import { z } from 'zod4'
import { demand, EngineRefusal, refusing } from '../refusal.ts'
import { canonicalJson } from './canonical-json.ts'
import { elementCount } from './safetensors.ts'
import { isInputName, RESERVED_NAMES } from './sample-spec.ts'

/** The format that this program writes and reads. */
export const PREPROCESS_FORMAT = 'assay-preprocess-1'
/** Largest preprocess.json, in bytes. */
export const MAX_PREPROCESS_BYTES = 2 ** 20

/** Most values in one sample of one input. */
const MAX_SAMPLE_VALUES = 2 ** 23
const MAX_CLASSES = 1000
const MOST_FAULTS = 10
const LONGEST_VALUE = 60

const count = (max: number) => z.int().min(1).max(max)
const text = z.string().min(1).max(200)
const decimal = z
  .string()
  .max(40)
  .refine((value) => /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/.test(value) && Number.isFinite(Number(value)), {
    error: 'expected a decimal such as "0.05" or "-1.5e-7"',
  })
const deviation = decimal.refine((value) => Number(value) > 0, { error: 'expected a decimal above 0' })
const scale = { mean: decimal, deviation }
/** Texts that mean the same, the first of which is shown. */
const spellings = z.array(text).min(1).max(20)
const classes = z.array(spellings).min(2).max(MAX_CLASSES)
const borders = z
  .array(decimal)
  .min(1)
  .max(MAX_CLASSES - 1)
const inputName = z.string().refine(isInputName, {
  error: `expected a letter, then letters, digits and _ . -, 64 at most, and none of ${RESERVED_NAMES.join(', ')}`,
})

const column = z.discriminatedUnion('kind', [
  /** One value. What is missing is read as `missing`, and refused without it. */
  z.strictObject({ kind: z.literal('number'), name: text, ...scale, missing: decimal.exactOptional() }),
  /** A value for each of `values`, 1 for the one that it is. With `other` a last one for all else, the missing too. */
  z.strictObject({
    kind: z.literal('category'),
    name: text,
    values: z.array(text).min(1).max(MAX_CLASSES),
    other: z.boolean(),
  }),
  /** 1 for yes, 0 for no. What is missing is read as `missing`, and refused without it. */
  z.strictObject({
    kind: z.literal('flag'),
    name: text,
    yes: spellings,
    no: spellings,
    missing: z.enum(['yes', 'no']).exactOptional(),
  }),
])

const table = z
  .strictObject({
    format: z.literal(PREPROCESS_FORMAT),
    kind: z.literal('table'),
    /** The task's input that the columns' values make together, in their order. */
    input: inputName,
    /** Texts that mean that a value is missing. */
    missing: z.array(z.string().max(50)).max(50),
    columns: z.array(column).min(1).max(16_384),
    target: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('class'), column: text, classes }),
      z.strictObject({
        kind: z.literal('values'),
        columns: z
          .array(z.strictObject({ name: text, ...scale }))
          .min(1)
          .max(1024),
      }),
      z.strictObject({
        kind: z.literal('labels'),
        columns: z
          .array(z.strictObject({ name: text, yes: spellings, no: spellings }))
          .min(1)
          .max(1024),
      }),
    ]),
    /** Without it, strata are the target's classes. A value's band is the number of borders at or below it. */
    strata: z
      .discriminatedUnion('by', [
        z.strictObject({ by: z.literal('column'), column: text, values: classes }),
        z.strictObject({ by: z.literal('bands'), column: text, borders }),
      ])
      .exactOptional(),
  })
  .superRefine((recipe, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    refuseTable(recipe, refuse)
  })

const pictures = z
  .strictObject({
    format: z.literal(PREPROCESS_FORMAT),
    kind: z.literal('pictures'),
    input: inputName,
    height: count(4096),
    width: count(4096),
    /** 1 for grey, 3 for red, green, blue. */
    channels: z.union([z.literal(1), z.literal(3)]),
    order: z.enum(['channels-last', 'channels-first']),
    /** For each channel: a value of 0 to 255 becomes (value − mean) / deviation. */
    scale: z.array(z.strictObject(scale)).min(1).max(3),
    /** What happens to other sizes: refused, averaged over areas, or the nearest pixel, both in integers. */
    resize: z.enum(['refuse', 'area', 'nearest']),
    /** The grey, 0 to 255, that shows through pixels that aren't opaque. Without it those are refused. */
    background: z.int().min(0).max(255).exactOptional(),
    /** Folders of each class. */
    classes,
  })
  .superRefine((recipe, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (recipe.scale.length !== recipe.channels)
      refuse(['scale'], `${recipe.scale.length} entries, channels is ${recipe.channels}`)
    refuseValues(['height'], recipe.height * recipe.width * recipe.channels, refuse)
    refuseTwice(['classes'], recipe.classes.flat(), refuse)
  })

const textFiles = z
  .strictObject({
    format: z.literal(PREPROCESS_FORMAT),
    kind: z.literal('text'),
    /** The task's input of tokens; the target is the token after each. */
    input: inputName,
    vocabulary: z.discriminatedUnion('of', [
      z.strictObject({ of: z.literal('bytes') }),
      /** Each character is the token of its place; with `other` a last one for all else. Line ends are read as one line feed. */
      z.strictObject({
        of: z.literal('characters'),
        characters: z.string().min(1).max(100_000),
        other: z.boolean(),
      }),
    ]),
    /** Tokens of a sample. */
    length: count(65_536),
    /** Tokens from one sample's start to the next one's. */
    stride: count(2 ** 24),
    /** By the name of the file or of the folder that it is in, or by so many equal parts of all samples in their order. */
    strata: z
      .discriminatedUnion('by', [
        z.strictObject({ by: z.literal('file'), files: classes }),
        z.strictObject({ by: z.literal('parts'), parts: z.int().min(2).max(MAX_CLASSES) }),
      ])
      .exactOptional(),
  })
  .superRefine(({ vocabulary, strata }, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    if (strata?.by === 'file') refuseTwice(['strata', 'files'], strata.files.flat(), refuse)
    if (vocabulary.of === 'bytes') return
    const path = ['vocabulary', 'characters']
    if (!vocabulary.characters.isWellFormed()) refuse(path, 'has half a character')
    refuseTwice(path, [...vocabulary.characters], refuse)
  })

const integer = z.int()
const integers = z.array(integer).min(2).max(MAX_CLASSES)

const arrays = z
  .strictObject({
    format: z.literal(PREPROCESS_FORMAT),
    kind: z.literal('arrays'),
    inputs: z
      .array(
        z.strictObject({
          /** The task's input, and the array that holds it: a row for each sample. */
          name: inputName,
          array: text,
          /** Of one row; that of a single number is [1]. */
          shape: z
            .array(count(2 ** 24))
            .min(1)
            .max(8),
          values: z.discriminatedUnion('dtype', [
            z.strictObject({ dtype: z.literal('float32'), ...scale }),
            z.strictObject({
              dtype: z.enum(['int32', 'int64']),
              below: z
                .int()
                .min(2)
                .max(2 ** 31),
            }),
          ]),
        }),
      )
      .min(1)
      .max(8),
    target: z.discriminatedUnion('kind', [
      /** The numbers in the array that stand for class 0, 1, … */
      z.strictObject({ kind: z.literal('class'), array: text, classes: integers }),
      z.strictObject({
        kind: z.literal('values'),
        array: text,
        columns: z.array(z.strictObject(scale)).min(1).max(1024),
      }),
      z.strictObject({ kind: z.literal('labels'), array: text, count: count(1024) }),
      z.strictObject({
        kind: z.literal('tokens'),
        array: text,
        length: count(65_536),
        vocabulary: z
          .int()
          .min(2)
          .max(2 ** 24),
      }),
    ]),
    /** Without it, strata are the target's classes. A value's band is the number of borders at or below it. */
    strata: z
      .discriminatedUnion('by', [
        z.strictObject({ by: z.literal('column'), array: text, values: integers }),
        z.strictObject({ by: z.literal('bands'), array: text, borders }),
      ])
      .exactOptional(),
  })
  .superRefine((recipe, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const names = recipe.inputs.map(({ name }) => name)
    refuseTwice(['inputs'], names, refuse)
    recipe.inputs.forEach(({ shape }, i) => {
      refuseValues(['inputs', i, 'shape'], elementCount(shape), refuse)
    })
    if (recipe.target.kind === 'class') refuseTwice(['target', 'classes'], recipe.target.classes, refuse)
    if (recipe.strata?.by === 'column') refuseTwice(['strata', 'values'], recipe.strata.values, refuse)
    if (recipe.strata?.by === 'bands') refuseUnordered(recipe.strata.borders, refuse)
  })

const preprocess = z.discriminatedUnion('kind', [table, pictures, textFiles, arrays])

/** What preprocess.json says. */
export type Preprocess = z.infer<typeof preprocess>
export type TablePreprocess = z.infer<typeof table>
export type TableColumn = z.infer<typeof column>
export type PicturesPreprocess = z.infer<typeof pictures>
export type TextPreprocess = z.infer<typeof textFiles>
export type ArraysPreprocess = z.infer<typeof arrays>

type Refuse = (path: PropertyKey[], message: string) => void

function refuseTable(recipe: TablePreprocess, refuse: Refuse): void {
  const { columns, target, strata, missing } = recipe
  const targets = target.kind === 'class' ? [target.column] : target.columns.map(({ name }) => name)
  refuseTwice(['columns'], [...columns.map(({ name }) => name), ...targets], refuse)
  refuseValues(['columns'], tableWidth(recipe), refuse)
  columns.forEach((one, i) => {
    if (one.kind === 'number') return
    const known = one.kind === 'category' ? one.values : [...one.yes, ...one.no]
    refuseTwice(['columns', i], [...known, ...missing], refuse)
  })
  if (target.kind === 'class')
    refuseTwice(['target', 'classes'], [...target.classes.flat(), ...missing], refuse)
  if (target.kind === 'labels')
    target.columns.forEach(({ yes, no }, i) => {
      refuseTwice(['target', 'columns', i], [...yes, ...no, ...missing], refuse)
    })
  if (strata?.by === 'column') refuseTwice(['strata', 'values'], strata.values.flat(), refuse)
  if (strata?.by === 'bands') refuseUnordered(strata.borders, refuse)
}

function refuseTwice(path: PropertyKey[], names: readonly (string | number)[], refuse: Refuse): void {
  const seen = new Set<string | number>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined) refuse(path, `${JSON.stringify(twice)} stands there twice`)
}

function refuseValues(path: PropertyKey[], values: number, refuse: Refuse): void {
  if (values > MAX_SAMPLE_VALUES) refuse(path, `${values} values a sample, the limit is ${MAX_SAMPLE_VALUES}`)
}

function refuseUnordered(borders: readonly string[], refuse: Refuse): void {
  const at = borders.findIndex((border, i) => i > 0 && Number(borders[i - 1]) >= Number(border))
  if (at > 0) refuse(['strata', 'borders', at], `expected more than the border before it, ${borders[at - 1]}`)
}

/** Values that a row of a table makes. */
export function tableWidth({ columns }: Pick<TablePreprocess, 'columns'>): number {
  return columns.reduce((sum, one) => sum + columnWidth(one), 0)
}

/** Values that one column of a row makes. */
export function columnWidth(column: TableColumn): number {
  return column.kind === 'category' ? column.values.length + (column.other ? 1 : 0) : 1
}

/**
 * Checks a value against preprocess.json's schema.
 *
 * @throws EngineRefusal `package` that names each fault with its place, its value and what was expected
 */
export function checkPreprocess(json: unknown): Preprocess {
  const result = preprocess.safeParse(json)
  if (result.success) return result.data
  const faults = result.error.issues.slice(0, MOST_FAULTS).map((issue) => faultText(issue, json))
  throw new EngineRefusal('package', `preprocess.json is refused: ${faults.join('; ')}`)
}

/**
 * Reads preprocess.json.
 *
 * @throws EngineRefusal `package` when it is too large, not canonical JSON, or what {@link checkPreprocess} refuses
 */
export function readPreprocess(bytes: Uint8Array): Preprocess {
  demand(
    bytes.length <= MAX_PREPROCESS_BYTES,
    'package',
    () => `preprocess.json has ${bytes.length} bytes, the limit is ${MAX_PREPROCESS_BYTES}`,
  )
  const written = refusing('package', 'preprocess.json is not UTF-8', () =>
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  )
  const recipe = checkPreprocess(
    refusing('package', 'preprocess.json is not JSON', () => JSON.parse(written) as unknown),
  )
  demand(
    canonicalJson(recipe) === written,
    'package',
    () =>
      'preprocess.json is not canonical: write it with sorted keys, without spaces and without a final newline',
  )
  return recipe
}

/** preprocess.json as it is stored and hashed: canonical JSON in UTF-8. */
export function preprocessBytes(recipe: Preprocess): Uint8Array {
  return new TextEncoder().encode(canonicalJson(recipe))
}

function faultText({ path, message }: z.core.$ZodIssue, json: unknown): string {
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    json,
  )
  const shown = ['string', 'number', 'boolean'].includes(typeof value)
    ? ` is ${JSON.stringify(value).slice(0, LONGEST_VALUE)}`
    : ''
  return `${path.join('.') || 'preprocess.json'}${shown}: ${message}`
}
