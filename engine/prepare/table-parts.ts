/** What the columns of a table give a sample: each part writes a row's values into a tensor. */
import { columnWidth, type TableColumn, type TablePreprocess } from '../package/preprocess.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { bandOf } from './bands.ts'
import { notANumber, numberIn } from './cells.ts'
import { placeOf, type Row, type Table } from './table.ts'

type Values = Float32Array | Int32Array
/** Writes what a row has for a part of a sample into `out`, from `at` on. */
type Write = (row: Row, out: Values, at: number) => void

export type Part = {
  /** Values of a row. */
  width: number
  /** Whether a row has a number, and not a list of them. */
  isSingle?: boolean
  /** Memory for this many rows. */
  room(rows: number): Values
  write: Write
}

/** A column of the file: its values, and what to say of those that don't fit. */
type Column = {
  name: string
  /** A row's value; undefined if it is missing. */
  valueIn(row: Row): string | undefined
  refusal(row: Row, value: string | undefined, expected: string): EngineRefusal
}

type Scale = { mean: string; deviation: string }

/** Shown of the values that a column may have. */
const MOST_SHOWN = 8

const floats = (width: number) => (rows: number) => new Float32Array(width * rows)
const integers = (rows: number) => new Int32Array(rows)

/** The values of a task's input. @throws EngineRefusal `data` for a column that the file lacks */
export function inputPart(recipe: TablePreprocess, table: Table): Part {
  const writers = recipe.columns.map((column) => ({
    width: columnWidth(column),
    write: columnWriter(column, columnOf(recipe, table, column.name)),
  }))
  const width = writers.reduce((sum, writer) => sum + writer.width, 0)
  return {
    width,
    room: floats(width),
    write: (row, out, begin) => {
      let at = begin
      for (const writer of writers) {
        writer.write(row, out, at)
        at += writer.width
      }
    },
  }
}

/** The target. @throws EngineRefusal `data` for a column that the file lacks */
export function targetPart(recipe: TablePreprocess, table: Table): Part {
  const { target } = recipe
  if (target.kind === 'class') {
    const write = classWriter(target.classes, columnOf(recipe, table, target.column))
    return { width: 1, isSingle: true, room: integers, write }
  }
  const writers =
    target.kind === 'values'
      ? target.columns.map((one) => numberWriter(one, columnOf(recipe, table, one.name)))
      : target.columns.map((one) => flagWriter(one, columnOf(recipe, table, one.name)))
  return {
    width: writers.length,
    room: floats(writers.length),
    write: (row, out, at) => {
      writers.forEach((write, i) => {
        write(row, out, at + i)
      })
    },
  }
}

/** The stratum; undefined where strata are classes. @throws EngineRefusal `data` for a column that the file lacks */
export function stratumPart(recipe: TablePreprocess, table: Table): Part | undefined {
  const { strata } = recipe
  if (strata === undefined) return undefined
  const column = columnOf(recipe, table, strata.column)
  const write =
    strata.by === 'column' ? classWriter(strata.values, column) : bandWriter(strata.borders, column)
  return { width: 1, isSingle: true, room: integers, write }
}

function columnOf({ missing }: TablePreprocess, table: Table, name: string): Column {
  const at = table.columns.indexOf(name)
  demand(at >= 0, 'data', () => `${table.file} has no column "${name}", it has ${listed(table.columns)}`)
  const isMissing = new Set(missing)
  return {
    name,
    valueIn: ({ cells }) => {
      const cell = cells[at]
      return cell === undefined || isMissing.has(cell) ? undefined : cell
    },
    refusal: (row, value, expected) => {
      const shown =
        value === undefined
          ? `${JSON.stringify(row.cells[at] ?? null)}, a missing value`
          : JSON.stringify(value)
      return new EngineRefusal(
        'data',
        `${placeOf(table, row)}, column "${name}" is ${shown.slice(0, 200)}: ${expected}`,
      )
    },
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map((name) => `"${name}"`)
  return `${shown.join(', ')}${names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : ''}`
}

function columnWriter(column: TableColumn, from: Column): Write {
  if (column.kind === 'number') return numberWriter(column, from)
  return column.kind === 'flag' ? flagWriter(column, from) : categoryWriter(column, from)
}

function numberWriter({ mean, deviation, missing }: Scale & { missing?: string }, column: Column): Write {
  const [center, spread] = [Number(mean), Number(deviation)]
  return (row, out, at) => {
    const text = column.valueIn(row) ?? missing
    const value = text === undefined ? undefined : numberIn(text)
    if (value === undefined) throw column.refusal(row, text, notANumber(text ?? ''))
    const scaled = Math.fround((value - center) / spread)
    if (!Number.isFinite(scaled))
      throw column.refusal(
        row,
        text,
        `too far from the mean, ${mean}, for a float32 of the deviation ${deviation}`,
      )
    out[at] = scaled
  }
}

type Flag = { yes: readonly string[]; no: readonly string[]; missing?: 'yes' | 'no' }

function flagWriter({ yes, no, missing }: Flag, column: Column): Write {
  const meaning = new Map([...yes.map((one) => [one, 1] as const), ...no.map((one) => [one, 0] as const)])
  const whenMissing = missing === undefined ? undefined : Number(missing === 'yes')
  return (row, out, at) => {
    const text = column.valueIn(row)
    const value = text === undefined ? whenMissing : meaning.get(text)
    if (value === undefined) throw column.refusal(row, text, `expected ${listed([...yes, ...no])}`)
    out[at] = value
  }
}

function categoryWriter(
  { values, other }: { values: readonly string[]; other: boolean },
  column: Column,
): Write {
  const slots = new Map(values.map((value, i) => [value, i]))
  return (row, out, at) => {
    const text = column.valueIn(row)
    const slot = text === undefined ? undefined : slots.get(text)
    if (slot === undefined && !other) throw column.refusal(row, text, `expected ${listed(values)}`)
    out[at + (slot ?? values.length)] = 1
  }
}

function classWriter(classes: readonly (readonly string[])[], column: Column): Write {
  const numbers = new Map(classes.flatMap((spellings, i) => spellings.map((one) => [one, i] as const)))
  return (row, out, at) => {
    const text = column.valueIn(row)
    const value = text === undefined ? undefined : numbers.get(text)
    if (value === undefined) throw column.refusal(row, text, `expected ${listed([...numbers.keys()])}`)
    out[at] = value
  }
}

function bandWriter(borders: readonly string[], column: Column): Write {
  const numbers = borders.map(Number)
  return (row, out, at) => {
    const text = column.valueIn(row)
    const value = text === undefined ? undefined : numberIn(text)
    if (value === undefined) throw column.refusal(row, text, notANumber(text ?? ''))
    out[at] = bandOf(value, numbers)
  }
}
