/** What a column of a table holds. */
import { isFormula, numberIn } from './cells.ts'
import type { Cell, Table } from './table.ts'

/** Texts that people write where a value is missing. */
export const MISSING_TEXTS = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'null', 'NULL', 'None', '?']
/** What yes and no are written as, in small letters. */
const FLAGS = [
  ['yes', 'no'],
  ['true', 'false'],
  ['y', 'n'],
  ['t', 'f'],
  ['on', 'off'],
  ['1', '0'],
] as const
/** Most different values that are counted one by one, and the longest of them. */
const MOST_VALUES = 1000
const LONGEST_VALUE = 200
/** More different values than this aren't offered as a category. */
const MOST_CATEGORIES = 100

export type ColumnType =
  /** Each value is a number. */
  | 'number'
  /** Yes and no, in one of the ways in which people write them. */
  | 'flag'
  /** At most {@link MOST_CATEGORIES} values, each twice on average. */
  | 'category'
  /** More than half are numbers. */
  | 'mixed'
  | 'text'
  /** All values are missing. */
  | 'empty'

export type ColumnProfile = {
  name: string
  type: ColumnType
  /** Rows that have a value. */
  present: number
  missing: number
  /** Values that are numbers, and of those: */
  numbers: number
  least: number
  greatest: number
  mean: number
  deviation: number
  /** Values that a spreadsheet would compute. */
  formulas: number
  /** The first value that is no number. */
  firstOther: { value: string; row: number } | undefined
  /** How often each value is there; undefined if there are too many, or too long ones. */
  values: Map<string, number> | undefined
}

/** Looks at each value of a table once. */
export function profileColumns(table: Table): { rows: number; columns: ColumnProfile[] } {
  const columns = table.columns.map((name) => new Column(name))
  let rows = 0
  table.eachRow(({ cells, row }) => {
    rows++
    cells.forEach((cell, i) => {
      columns[i]!.add(cell, row)
    })
  })
  return { rows, columns: columns.map((column) => column.profile()) }
}

/** The spellings of yes and of no among values; undefined if they are anything else. */
export function flagSpellings(values: Iterable<string>): { yes: string[]; no: string[] } | undefined {
  const written = [...values]
  for (const [yes, no] of FLAGS) {
    const are = (meaning: string) => written.filter((value) => value.toLowerCase() === meaning)
    const found = { yes: are(yes), no: are(no) }
    if (found.yes.length > 0 && found.no.length > 0 && found.yes.length + found.no.length === written.length)
      return found
  }
  return undefined
}

/** Mean and spread grow with each value (Welford), so that the order of rows is the only order. */
class Column {
  readonly #name: string
  #values: Map<string, number> | undefined = new Map()
  #present = 0
  #missing = 0
  #numbers = 0
  #mean = 0
  #spread = 0
  #least = Number.POSITIVE_INFINITY
  #greatest = Number.NEGATIVE_INFINITY
  #formulas = 0
  #firstOther: ColumnProfile['firstOther']

  constructor(name: string) {
    this.#name = name
  }

  add(cell: Cell, row: number): void {
    if (cell === undefined || MISSING_TEXTS.includes(cell)) {
      this.#missing++
      return
    }
    this.#present++
    this.#count(cell)
    const number = numberIn(cell)
    if (number !== undefined) {
      this.#measure(number)
      return
    }
    this.#firstOther ??= { value: cell, row }
    if (isFormula(cell)) this.#formulas++
  }

  profile(): ColumnProfile {
    const numbers = this.#numbers
    return {
      name: this.#name,
      type: this.#type(),
      present: this.#present,
      missing: this.#missing,
      numbers,
      least: this.#least,
      greatest: this.#greatest,
      mean: this.#mean,
      deviation: numbers === 0 ? 0 : Math.sqrt(this.#spread / numbers),
      formulas: this.#formulas,
      firstOther: this.#firstOther,
      values: this.#values,
    }
  }

  #count(cell: string): void {
    if (this.#values === undefined) return
    this.#values.set(cell, (this.#values.get(cell) ?? 0) + 1)
    if (this.#values.size > MOST_VALUES || cell.length > LONGEST_VALUE) this.#values = undefined
  }

  #measure(number: number): void {
    this.#numbers++
    const away = number - this.#mean
    this.#mean += away / this.#numbers
    this.#spread += away * (number - this.#mean)
    this.#least = Math.min(this.#least, number)
    this.#greatest = Math.max(this.#greatest, number)
  }

  #type(): ColumnType {
    if (this.#present === 0) return 'empty'
    if (this.#values !== undefined && flagSpellings(this.#values.keys()) !== undefined) return 'flag'
    if (this.#numbers === this.#present) return 'number'
    if (2 * this.#numbers > this.#present) return 'mixed'
    const different = this.#values?.size ?? Number.POSITIVE_INFINITY
    return different <= MOST_CATEGORIES && 2 * different <= this.#present ? 'category' : 'text'
  }
}
