/** A model's numbers as people read them. */
import type { Preprocess } from '@assay/engine/package/preprocess.ts'
import { classNames } from '@assay/engine/package/preprocess-form.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'

export type Prediction = {
  /** From 1, in the order of the files. */
  sample: number
  /** The class, the values, the labels that are likelier than not, or the next token. */
  prediction: string
  /** What stands behind it, by name: chances of classes or labels, values in their own units. */
  numbers: Record<string, number>
}

/** Digits that float32 holds. */
const DIGITS = 7

/**
 * Predictions of samples, by the names and scales of the preprocess.json that made them.
 *
 * @param before samples that come before these
 */
export function predictionsOf(
  recipe: Preprocess,
  { target }: Pick<TaskSpec, 'target'>,
  rows: readonly Float32Array[],
  before = 0,
): Prediction[] {
  const read = readerOf(recipe, target)
  return rows.map((row, i) => ({ sample: before + i + 1, ...read(row) }))
}

type Reader = (row: Float32Array) => Omit<Prediction, 'sample'>

function readerOf(recipe: Preprocess, target: TaskSpec['target']): Reader {
  switch (target.kind) {
    case 'class':
      return classReader(classNames(recipe) ?? [])
    case 'values':
      return valuesReader(scalesOf(recipe))
    case 'labels':
      return labelsReader(labelNames(recipe, target.count))
    case 'tokens':
      return tokenReader(recipe, target.vocabulary)
  }
}

function classReader(names: readonly string[]): Reader {
  return (row) => ({ prediction: names[largest(row)] ?? String(largest(row)), numbers: named(names, row) })
}

function valuesReader(scales: readonly { name: string; mean: number; deviation: number }[]): Reader {
  return (row) => {
    const values = scales.map(({ mean, deviation }, i) => rounded(row[i]! * deviation + mean))
    return {
      prediction: values.join(' '),
      numbers: Object.fromEntries(scales.map(({ name }, i) => [name, values[i]!])),
    }
  }
}

function labelsReader(names: readonly string[]): Reader {
  return (row) => ({
    prediction: names.filter((_, i) => row[i]! > 0.5).join(' '),
    numbers: named(names, row),
  })
}

/** The token after the last one. */
function tokenReader(recipe: Preprocess, vocabulary: number): Reader {
  return (row) => {
    const last = row.subarray(row.length - vocabulary)
    const token = largest(last)
    const name = tokenName(recipe, token)
    return { prediction: name, numbers: { [name]: rounded(last[token]!) } }
  }
}

function tokenName(recipe: Preprocess, token: number): string {
  if (recipe.kind !== 'text' || recipe.vocabulary.of === 'bytes') return String(token)
  return [...recipe.vocabulary.characters][token] ?? 'other'
}

function scalesOf(recipe: Preprocess): { name: string; mean: number; deviation: number }[] {
  if (recipe.kind === 'pictures' || recipe.kind === 'text' || recipe.target.kind !== 'values') return []
  return recipe.target.columns.map((column, i) => ({
    name: 'name' in column ? column.name : `value ${i + 1}`,
    mean: Number(column.mean),
    deviation: Number(column.deviation),
  }))
}

function labelNames(recipe: Preprocess, count: number): string[] {
  if (recipe.kind === 'table' && recipe.target.kind === 'labels')
    return recipe.target.columns.map(({ name }) => name)
  return Array.from({ length: count }, (_, i) => `label ${i + 1}`)
}

function named(names: readonly string[], row: Float32Array): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, rounded(row[i]!)]))
}

function largest(row: Float32Array): number {
  return row.indexOf(row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY))
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

/** The predictions as a table. */
export function csvOf(predictions: readonly Prediction[]): string {
  const names = [...new Set(predictions.flatMap(({ numbers }) => Object.keys(numbers)))]
  const isSpare = names.length > MOST_COLUMNS
  const columns = isSpare ? [] : names
  const rows = predictions.map(({ sample, prediction, numbers }) => [
    String(sample),
    prediction,
    ...columns.map((name) => String(numbers[name] ?? '')),
  ])
  return [['sample', 'prediction', ...columns], ...rows]
    .map((row) => `${row.map(quoted).join(',')}\n`)
    .join('')
}

/** Text has as many names as characters: their chances are in the JSON. */
const MOST_COLUMNS = 1000

/** What a table program may compute, and what it shows as it is: numbers, one or several. */
const FORMULA = /^[=+@\t\r\n-]/
const NUMBERS = /^-?\d+(\.\d+)?(e[+-]?\d+)?( -?\d+(\.\d+)?(e[+-]?\d+)?)*$/

/** RFC 4180. A text that a table program would compute starts with a quotation mark of its own. */
function quoted(text: string): string {
  const plain = FORMULA.test(text) && !NUMBERS.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
