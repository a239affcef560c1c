/** What the samples that a preprocess.json makes look like: a task has to have the same inputs, target and strata. */
import { demand } from '../refusal.ts'
import { canonicalJson } from './canonical-json.ts'
import type { ArraysPreprocess, PicturesPreprocess, Preprocess, TablePreprocess } from './preprocess.ts'
import { tableWidth } from './preprocess.ts'
import { type Input, type SampleSpec, strataCount, type Target } from './sample-spec.ts'

export type SampleForm = {
  inputs: Input[]
  target: Target
  /** Names for strata that have a column of their own; without it strata are classes. */
  strata?: string[]
}

/** What stratum names of task.json are made of, and what they begin and end with. */
const NO_WORDS = /[^\p{L}\p{N} .,/%()_-]+/gu
const WORDS = /^[\p{L}\p{N}](.*[\p{L}\p{N})%])?$/u
const LONGEST_NAME = 60

/** The form of the samples that a preprocess.json makes. */
export function sampleForm(recipe: Preprocess): SampleForm {
  const names = strataNames(recipe)
  const strata = names === undefined ? {} : { strata: names }
  if (recipe.kind === 'table') return { inputs: [rowInput(recipe)], target: tableTarget(recipe), ...strata }
  if (recipe.kind === 'pictures')
    return { inputs: [pictureInput(recipe)], target: { kind: 'class', classes: recipe.classes.length } }
  if (recipe.kind === 'arrays')
    return { inputs: recipe.inputs.map(arrayInput), target: arrayTarget(recipe), ...strata }
  const { input, length, vocabulary } = recipe
  const below = vocabulary.of === 'bytes' ? 256 : charactersIn(vocabulary)
  return {
    inputs: [{ name: input, dtype: 'int64', shape: [length], below }],
    target: { kind: 'tokens', length, vocabulary: below },
    ...strata,
  }
}

/**
 * Refuses a preprocess.json that makes other samples than a task takes. Names of strata may be others than those here.
 *
 * @throws EngineRefusal `package` that says what it makes, and what the task takes
 */
export function demandForm(recipe: Preprocess, spec: SampleSpec): void {
  const { inputs, target, strata } = sampleForm(recipe)
  const [made, taken] = [inputs, spec.inputs].map((of) => of.map(inputText).sort().join(', '))
  demand(made === taken, 'package', () => `preprocess.json makes ${made}, the task takes ${taken}`)
  for (const { name, below = 0 } of inputs) {
    const limit = spec.inputs.find((input) => input.name === name)?.below ?? 0
    demand(
      below <= limit,
      'package',
      () => `preprocess.json makes ${name} below ${below}, the task takes it below ${limit}`,
    )
  }
  const [aim, wanted] = [target, spec.target].map((of) => canonicalJson(of))
  demand(aim === wanted, 'package', () => `preprocess.json makes the target ${aim}, the task takes ${wanted}`)
  const count = strata?.length ?? strataCount({ ...spec, strata: { by: 'class' } })
  const isClass = strata === undefined
  demand(
    isClass === (spec.strata.by === 'class') && count === strataCount(spec),
    'package',
    () =>
      `preprocess.json makes ${isClass ? 'strata of classes' : `${count} strata`}, the task takes ${spec.strata.by === 'class' ? 'those of classes' : strataCount(spec)}`,
  )
}

function inputText({ name, dtype, shape }: Input): string {
  return `${name} ${dtype} [${shape}]`
}

/** Names of classes, in their order; undefined where the target is no class. */
export function classNames(recipe: Preprocess): string[] | undefined {
  if (recipe.kind === 'pictures') return recipe.classes.map(firstOf)
  if (recipe.kind === 'text' || recipe.target.kind !== 'class') return undefined
  return recipe.target.classes.map((one) => (typeof one === 'number' ? String(one) : firstOf(one)))
}

/** Names that task.json takes: of words, each another one. Those of files and columns may be anything. */
function strataNames(recipe: Preprocess): string[] | undefined {
  const names = writtenNames(recipe)?.map((name) =>
    name.replaceAll(NO_WORDS, ' ').trim().slice(0, LONGEST_NAME).trim(),
  )
  return names?.map((name, i) => (WORDS.test(name) && names.indexOf(name) === i ? name : `stratum ${i + 1}`))
}

function writtenNames(recipe: Preprocess): string[] | undefined {
  if (recipe.kind === 'pictures' || recipe.strata === undefined) return undefined
  const { strata } = recipe
  switch (strata.by) {
    case 'file':
      return strata.files.map(firstOf)
    case 'parts':
      return Array.from({ length: strata.parts }, (_, i) => `part ${i + 1}`)
    case 'bands':
      return bandNames(strata.borders)
    case 'column':
      return strata.values.map((one) => (typeof one === 'number' ? String(one) : firstOf(one)))
  }
}

function bandNames(borders: readonly string[]): string[] {
  const between = borders.slice(1).map((border, i) => `from ${borders[i]} to ${border}`)
  return [`below ${borders[0]}`, ...between, `from ${borders.at(-1)}`]
}

function firstOf(spellings: readonly string[]): string {
  return spellings[0]!
}

function charactersIn({ characters, other }: { characters: string; other: boolean }): number {
  return [...characters].length + (other ? 1 : 0)
}

function rowInput(recipe: TablePreprocess): Input {
  return { name: recipe.input, dtype: 'float32', shape: [tableWidth(recipe)] }
}

function tableTarget({ target }: TablePreprocess): Target {
  if (target.kind === 'class') return { kind: 'class', classes: target.classes.length }
  return { kind: target.kind, count: target.columns.length }
}

function pictureInput({ input, height, width, channels, order }: PicturesPreprocess): Input {
  const shape = order === 'channels-last' ? [height, width, channels] : [channels, height, width]
  const place = height * width > 1 ? { grid: { height, width, channels, order } } : {}
  return { name: input, dtype: 'float32', shape, ...place }
}

function arrayInput({ name, shape, values }: ArraysPreprocess['inputs'][number]): Input {
  const { dtype } = values
  return dtype === 'float32' ? { name, dtype, shape } : { name, dtype, shape, below: values.below }
}

function arrayTarget({ target }: ArraysPreprocess): Target {
  switch (target.kind) {
    case 'class':
      return { kind: 'class', classes: target.classes.length }
    case 'values':
      return { kind: 'values', count: target.columns.length }
    case 'labels':
      return { kind: 'labels', count: target.count }
    case 'tokens':
      return { kind: 'tokens', length: target.length, vocabulary: target.vocabulary }
  }
}
