/** Rows of named columns, whatever file they come from. */

/** What stands in one place: a text without spaces around it; undefined where the file says that there is nothing. */
export type Cell = string | undefined

export type Row = {
  cells: readonly Cell[]
  /** From 1, without the row of names. */
  row: number
  /** The file's line that it ends in, from 1. */
  line: number
}

export type Table = {
  /** What messages call the file. */
  file: string
  columns: readonly string[]
  /** Rows at most: some of them may be empty, and left out. */
  maxRows: number
  /** How the file was understood, in sentences. */
  notes: readonly string[]
  /** Calls `visit` for each row, in order. @throws EngineRefusal `data` that names the row */
  eachRow(visit: (row: Row) => void): void
}

export type TableLimits = { maxColumns: number; maxRows: number; maxRowBytes: number }

export const TABLE_LIMITS: TableLimits = { maxColumns: 16_384, maxRows: 2 ** 24, maxRowBytes: 2 ** 20 }

/** Where a value stands, for messages. */
export function placeOf({ file }: Pick<Table, 'file'>, { row, line }: Pick<Row, 'row' | 'line'>): string {
  return `${file}, row ${row} (line ${line})`
}
