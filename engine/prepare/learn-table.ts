/** Works out a table's preprocess.json: what becomes of each column, and of the target. */
import {
  checkPreprocess,
  PREPROCESS_FORMAT,
  type Preprocess,
  type TableColumn,
  type TablePreprocess,
} from '../package/preprocess.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { numberIn } from './cells.ts'
import { type ColumnProfile, flagSpellings, MISSING_TEXTS, profileColumns } from './column-profile.ts'
import { counted } from './counted.ts'
import type { Learned } from './learned.ts'
import { quantileBorders } from './quantile-borders.ts'
import type { Table } from './table.ts'

/** Whole numbers of at most so many values are classes. */
const MOST_NUMBERED_CLASSES = 10

export type TableTargets = {
  /** Columns that are to be predicted: one class, or values, or labels. */
  targets: readonly string[]
  /** Columns that are left out. */
  without?: readonly string[]
}

/** Whether a column is predicted as one of a few classes, or as a number; undefined where it can be neither. */
export function targetKind({ type, values, numbers }: ColumnProfile): 'class' | 'values' | undefined {
  if (type === 'flag' || type === 'category') return 'class'
  if (type !== 'number') return undefined
  const isNumbered =
    values !== undefined &&
    values.size <= MOST_NUMBERED_CLASSES &&
    2 * values.size <= numbers &&
    [...values.keys()].every((value) => Number.isInteger(numberIn(value)))
  return isNumbered ? 'class' : 'values'
}

/**
 * Works out how a table's rows become samples. The same table gives the same answer on every machine.
 *
 * @returns the preprocess.json, and sentences about columns that are left out
 * @throws EngineRefusal `data` for targets that can't be learned, and for columns that are neither numbers nor texts
 */
export function learnTable(table: Table, { targets, without = [] }: TableTargets): Learned {
  const { columns } = profileColumns(table)
  requireColumns(table.file, columns, { targets, without })
  const notes: string[] = []
  const kept = columns
    .filter(({ name }) => !targets.includes(name) && !without.includes(name))
    .flatMap((column) => inputColumn(table.file, column, notes) ?? [])
  demand(kept.length > 0, 'data', () => `${table.file} has no column to predict ${targets.join(', ')} from`)
  const aims = targets.map((name) => columns.find((column) => column.name === name)!)
  const target = targetOf(table.file, aims)
  for (const { name, missing } of aims)
    if (missing > 0)
      notes.push(`${counted(missing, 'row')} without "${name}": leave them out, they can't be used`)
  const recipe: Preprocess = {
    format: PREPROCESS_FORMAT,
    kind: 'table',
    input: 'x',
    missing: MISSING_TEXTS,
    columns: kept,
    target,
    ...strataOf(table, target),
  }
  return { recipe: checkPreprocess(recipe), notes }
}

function requireColumns(
  file: string,
  columns: readonly ColumnProfile[],
  { targets, without }: Required<TableTargets>,
): void {
  const names = columns.map(({ name }) => name)
  for (const name of [...targets, ...without])
    demand(
      names.includes(name),
      'data',
      () => `${file} has no column "${name}", it has ${names.slice(0, 20).join(', ')}`,
    )
  demand(targets.length > 0, 'data', () => `${file} is a table: name the column that is to be predicted`)
}

function inputColumn(file: string, column: ColumnProfile, notes: string[]): TableColumn | undefined {
  const { name, type, mean, deviation, missing, values, firstOther } = column
  switch (type) {
    case 'mixed':
      throw new EngineRefusal(
        'data',
        `${file}, column "${name}" holds numbers, and "${firstOther!.value.slice(0, 60)}" in row ${firstOther!.row}: correct it, or leave the column out`,
      )
    case 'number':
      if (deviation > 0)
        return { kind: 'number', name, ...scaleOf(column), ...(missing > 0 && { missing: String(mean) }) }
      break
    case 'flag':
      return { kind: 'flag', name, ...flagSpellings(values!.keys())!, ...(missing > 0 && { missing: 'no' }) }
    case 'category':
      if (values!.size > 1) return { kind: 'category', name, values: [...values!.keys()].sort(), other: true }
  }
  const why = type === 'text' ? 'its texts are hardly ever the same' : 'it is the same in all rows'
  notes.push(`column "${name}" is left out: ${why}`)
  return undefined
}

function scaleOf({ mean, deviation }: ColumnProfile): { mean: string; deviation: string } {
  return { mean: String(mean), deviation: String(deviation) }
}

function targetOf(file: string, columns: readonly ColumnProfile[]): TablePreprocess['target'] {
  for (const column of columns) requireTeaching(file, column)
  const [only] = columns
  if (columns.length === 1 && targetKind(only!) === 'class') return classTarget(file, only!)
  if (columns.every(({ type }) => type === 'flag'))
    return {
      kind: 'labels',
      columns: columns.map(({ name, values }) => ({ name, ...flagSpellings(values!.keys())! })),
    }
  demand(
    columns.every(({ type }) => type === 'number'),
    'data',
    () => `${file}: several columns are predicted together only when all are numbers, or all are yes and no`,
  )
  return { kind: 'values', columns: columns.map((column) => ({ name: column.name, ...scaleOf(column) })) }
}

/** Refuses a target that can't be learned. */
function requireTeaching(file: string, { name, type, firstOther, deviation }: ColumnProfile): void {
  demand(
    !['text', 'mixed', 'empty'].includes(type),
    'data',
    () =>
      `${file}, column "${name}" can't be predicted: ${firstOther === undefined ? 'it has no values' : `it holds texts that are hardly ever the same, such as "${firstOther.value.slice(0, 60)}" in row ${firstOther.row}`}`,
  )
  demand(
    type !== 'number' || deviation > 0,
    'data',
    () => `${file}, column "${name}" is the same in all rows`,
  )
}

function classTarget(file: string, { name, values }: ColumnProfile): TablePreprocess['target'] {
  const labels = [...values!.keys()].sort(byNumberOrText)
  demand(labels.length > 1, 'data', () => `${file}, column "${name}" is "${labels[0]}" in all rows`)
  return { kind: 'class', column: name, classes: labels.map((label) => [label]) }
}

function byNumberOrText(a: string, b: string): number {
  const [first, second] = [numberIn(a), numberIn(b)]
  if (first !== undefined && second !== undefined && first !== second) return first - second
  return a < b ? -1 : 1
}

/** Classes are strata by themselves; a number's are bands with as many rows each, those of labels the first one's two. */
function strataOf(table: Table, target: TablePreprocess['target']): Pick<TablePreprocess, 'strata'> {
  if (target.kind === 'class') return {}
  if (target.kind === 'labels') {
    const { name, yes, no } = target.columns[0]!
    return { strata: { by: 'column', column: name, values: [no, yes] } }
  }
  const column = target.columns[0]!.name
  const at = table.columns.indexOf(column)
  const values = new Float64Array(table.maxRows)
  let n = 0
  table.eachRow(({ cells }) => {
    const value = numberIn(cells[at] ?? '')
    if (value !== undefined) values[n++] = value
  })
  return { strata: { by: 'bands', column, borders: quantileBorders(values.subarray(0, n)) } }
}
