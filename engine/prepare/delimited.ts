/**
 * Tables as text with fields between commas, semicolons or tabs (CSV, TSV). A first look finds the separator and bounds each row
 * before csv-parse sees it, which would keep a field or a row of any length.
 */
import { CsvError, parse } from 'csv-parse/sync'
import { demand, EngineRefusal } from '../refusal.ts'
import { counted } from './counted.ts'
import { placeOf, TABLE_LIMITS, type Table, type TableLimits } from './table.ts'
import { utf8Bytes } from './text-bytes.ts'

const SEPARATORS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const

type Separator = keyof typeof SEPARATORS

const QUOTE = 0x22
const LINE_FEED = 0x0a
const RETURN = 0x0d
const NUMBER = /^[+-]?[\d.]+(e[+-]?\d+)?$/i

type Layout = { separator: Separator; rows: number }

/**
 * Opens a table of text with fields between separators.
 *
 * @param file what messages call it
 * @throws EngineRefusal `data` for a file without a row of names, with names that stand twice, or over a limit
 */
export function openDelimited(file: string, bytes: Uint8Array, limits: TableLimits = TABLE_LIMITS): Table {
  const text = utf8Bytes(file, bytes)
  const { separator, rows } = layoutOf(file, text, limits)
  const at = { file, text, separator }
  const { names, notes } = namesOf(file, firstRow(at))
  return {
    file,
    columns: names,
    maxRows: rows - 1,
    notes: [`fields are separated by ${SEPARATORS[separator]}`, ...notes],
    eachRow: (visit) => {
      readRows(at, ({ cells, row, line }) => {
        if (row > 0) visit({ cells, row, line })
      })
    },
  }
}

/** Goes through all bytes once: how fields are separated, how many rows there are, and that none is over a limit. */
function layoutOf(file: string, text: Uint8Array, limits: TableLimits): Layout {
  let separator: Separator | undefined
  let rows = 0
  for (const { begin, end } of rowsIn(text)) {
    if (end === begin) continue
    rows++
    demand(
      rows - 1 <= limits.maxRows,
      'data',
      () => `${file} has more than ${limits.maxRows} rows: give a part of them`,
    )
    const size = end - begin
    demand(
      size <= limits.maxRowBytes,
      'data',
      () =>
        `${file}: row ${rows - 1} has ${size} bytes, the limit is ${limits.maxRowBytes}: is a quotation mark left open?`,
    )
    separator ??= separatorOf(file, text.subarray(begin, end))
    const fields = 1 + countOutside(text.subarray(begin, end), separator)
    demand(
      fields <= limits.maxColumns,
      'data',
      () => `${file}: row ${rows - 1} has ${fields} columns, the limit is ${limits.maxColumns}`,
    )
  }
  demand(separator !== undefined && rows > 1, 'data', () => `${file} has no rows below a row of column names`)
  return { separator, rows }
}

/** Rows of a text, between line ends outside of quotation marks. */
function* rowsIn(text: Uint8Array): Generator<{ begin: number; end: number }> {
  let begin = 0
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]
    if (byte === QUOTE) isQuoted = !isQuoted
    if (isQuoted || (byte !== LINE_FEED && byte !== RETURN)) continue
    yield { begin, end: i }
    begin = i + 1
  }
  yield { begin, end: text.length }
}

function countOutside(row: Uint8Array, separator: Separator): number {
  const wanted = separator.charCodeAt(0)
  let isQuoted = false
  let count = 0
  for (const byte of row) {
    if (byte === QUOTE) isQuoted = !isQuoted
    else if (byte === wanted && !isQuoted) count++
  }
  return count
}

/** The separator that stands in the row of names most often; a single column has none. */
function separatorOf(file: string, names: Uint8Array): Separator {
  const counts = (Object.keys(SEPARATORS) as Separator[])
    .map((separator) => ({ separator, count: countOutside(names, separator) }))
    .sort((a, b) => b.count - a.count)
  const [first, second] = counts
  demand(
    first!.count === 0 || first!.count > second!.count,
    'data',
    () =>
      `${file}: the row of column names has ${first!.count} ${SEPARATORS[first!.separator]} and as many ${SEPARATORS[second!.separator]}: put names that hold one of them in quotation marks`,
  )
  return first!.count === 0 ? ',' : first!.separator
}

type Opened = { file: string; text: Uint8Array; separator: Separator }
type RawRow = { cells: readonly string[]; row: number; line: number }

function firstRow(at: Opened): readonly string[] {
  let found: readonly string[] = []
  readRows(
    at,
    ({ cells }) => {
      found = cells
    },
    1,
  )
  return found
}

/**
 * Row 0 is that of the names. Rows without any value, as spreadsheets leave them at the end, are left out. csv-parse counts
 * a return with a line feed inside of quotation marks as two lines.
 */
function readRows({ file, text, separator }: Opened, visit: (row: RawRow) => void, most?: number): void {
  let row = 0
  let fields = 0
  let countedTwice = 0
  const take = (cells: string[], { lines }: { lines: number }) => {
    fields ||= cells.length
    for (const cell of cells) countedTwice += cell.split('\r\n').length - 1
    const line = lines - countedTwice
    refuseRagged({ file, row, line }, cells, fields)
    visit({ cells: cells.map((cell) => cell.trim()), row: row++, line })
    return null
  }
  try {
    parse(text, {
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      max_record_size: 0,
      ...(most !== undefined && { to: most }),
      on_record: take,
    })
  } catch (error) {
    throw error instanceof CsvError ? quoteRefusal(file, error, row) : error
  }
}

function refuseRagged(
  at: { file: string; row: number; line: number },
  cells: string[],
  fields: number,
): void {
  demand(
    cells.length === fields,
    'data',
    () =>
      `${placeOf(at, at)} has ${counted(cells.length, 'field')}, the column names are ${fields}: ${cells.slice(0, 5).join(' | ')}`,
  )
}

/** Of what csv-parse refuses, only quotation marks are left: the rest is bounded or allowed. */
function quoteRefusal(file: string, error: CsvError, row: number): EngineRefusal {
  const line = Number(error.lines)
  const said =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'a quotation mark that is never closed'
      : 'a quotation mark in the middle of a field: put the whole field in quotation marks, and write each of its own twice'
  return new EngineRefusal('data', `${placeOf({ file }, { row, line })} has ${said}`, { cause: error })
}

function namesOf(file: string, first: readonly string[]): { names: string[]; notes: string[] } {
  demand(
    !first.every((cell) => NUMBER.test(cell)),
    'data',
    () =>
      `${file} has numbers in its first row (${first.slice(0, 5).join(', ')}): put a row of column names above it`,
  )
  const names = first.map((name, i) => name || `column ${i + 1}`)
  const seen = new Map<string, number>()
  names.forEach((name, i) => {
    const before = seen.get(name)
    demand(
      before === undefined,
      'data',
      () => `${file} has two columns named "${name}", ${before} and ${i + 1}: rename one of them`,
    )
    seen.set(name, i + 1)
  })
  const unnamed = names.filter((_, i) => first[i] === '')
  return { names, notes: unnamed.map((name) => `a column without a name is called "${name}"`) }
}
