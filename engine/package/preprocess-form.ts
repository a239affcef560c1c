/** What the samples that a preprocess.json makes look like: a task has to have the same inputs, target and strata. */
import type { ArraysPreprocess, PicturesPreprocess, Preprocess, TablePreprocess } from './preprocess.ts'
import { tableWidth } from './preprocess.ts'

export type SampleInput = {
  name: string
  dtype: 'float32' | 'int32' | 'int64'
  /** One sample's. */
  shape: number[]
  /** Of whole numbers: they are 0 or more, and below it. */
  below?: number
}

export type SampleTarget =
  | { kind: 'class'; classes: number }
  | { kind: 'values'; count: number }
  | { kind: 'labels'; count: number }
  | { kind: 'tokens'; length: number; vocabulary: number }

export type SampleForm = {
  inputs: SampleInput[]
  target: SampleTarget
  /** Names of strata that have a column of their own; without it strata are classes. */
  strata?: string[]
}

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

/** Names of classes, in their order; undefined where the target is no class. */
export function classNames(recipe: Preprocess): string[] | undefined {
  if (recipe.kind === 'pictures') return recipe.classes.map(firstOf)
  if (recipe.kind === 'text' || recipe.target.kind !== 'class') return undefined
  return recipe.target.classes.map((one) => (typeof one === 'number' ? String(one) : firstOf(one)))
}

function strataNames(recipe: Preprocess): string[] | undefined {
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
  const between = borders.slice(1).map((border, i) => `${borders[i]} to ${border}`)
  return [`below ${borders[0]}`, ...between, `from ${borders.at(-1)}`]
}

function firstOf(spellings: readonly string[]): string {
  return spellings[0]!
}

function charactersIn({ characters, other }: { characters: string; other: boolean }): number {
  return [...characters].length + (other ? 1 : 0)
}

function rowInput(recipe: TablePreprocess): SampleInput {
  return { name: recipe.input, dtype: 'float32', shape: [tableWidth(recipe)] }
}

function tableTarget({ target }: TablePreprocess): SampleTarget {
  if (target.kind === 'class') return { kind: 'class', classes: target.classes.length }
  return { kind: target.kind, count: target.columns.length }
}

function pictureInput({ input, height, width, channels, order }: PicturesPreprocess): SampleInput {
  const shape = order === 'channels-last' ? [height, width, channels] : [channels, height, width]
  return { name: input, dtype: 'float32', shape }
}

function arrayInput({ name, shape, values }: ArraysPreprocess['inputs'][number]): SampleInput {
  const { dtype } = values
  return dtype === 'float32' ? { name, dtype, shape } : { name, dtype, shape, below: values.below }
}

function arrayTarget({ target }: ArraysPreprocess): SampleTarget {
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
