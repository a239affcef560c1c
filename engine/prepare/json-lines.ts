/** Tables as JSON Lines: an object a line, its keys the columns. */
import { demand, EngineRefusal } from '../refusal.ts'
import { type Cell, placeOf, TABLE_LIMITS, type Table, type TableLimits } from './table.ts'
import { utf8Bytes } from './text-bytes.ts'

const LINE_FEED = 0x0a

type Line = { entries: [key: string, cell: Cell][]; row: number; line: number }

/**
 * Opens a table of JSON Lines. A key that a line lacks is like `null`: a missing value.
 *
 * @param file what messages call it
 * @throws EngineRefusal `data` for a line that is no object of texts, numbers, true, false and null, or over a limit
 */
export function openJsonLines(file: string, bytes: Uint8Array, limits: TableLimits = TABLE_LIMITS): Table {
  const text = utf8Bytes(file, bytes)
  const places = new Map<string, number>()
  let maxRows = 0
  for (const { entries, row } of linesOf(file, text, limits.maxRowBytes)) {
    maxRows = row
    demand(
      row <= limits.maxRows,
      'data',
      () => `${file} has more than ${limits.maxRows} rows: give a part of them`,
    )
    for (const [key] of entries) if (!places.has(key)) places.set(key, places.size)
    demand(
      places.size <= limits.maxColumns,
      'data',
      () => `${file}: its rows up to ${row} have ${places.size} keys, the limit is ${limits.maxColumns}`,
    )
  }
  demand(maxRows > 0, 'data', () => `${file} has no rows`)
  return {
    file,
    columns: [...places.keys()],
    maxRows,
    notes: ['each line is an object of JSON'],
    eachRow: (visit) => {
      for (const { entries, row, line } of linesOf(file, text, limits.maxRowBytes)) {
        const cells = new Array<Cell>(places.size).fill(undefined)
        for (const [key, cell] of entries) cells[places.get(key)!] = cell
        visit({ cells, row, line })
      }
    },
  }
}

function* linesOf(file: string, text: Uint8Array, maxRowBytes: number): Generator<Line> {
  const decoder = new TextDecoder()
  let row = 0
  for (let begin = 0, line = 1; begin < text.length; line++) {
    const found = text.indexOf(LINE_FEED, begin)
    const end = found < 0 ? text.length : found
    const place = () => placeOf({ file }, { row, line })
    const size = end - begin
    demand(
      size <= maxRowBytes,
      'data',
      () => `${file}: line ${line} has ${size} bytes, the limit is ${maxRowBytes}`,
    )
    const written = decoder.decode(text.subarray(begin, end)).trim()
    begin = end + 1
    if (written === '') continue
    row++
    yield { entries: entriesIn(written, place), row, line }
  }
}

function entriesIn(written: string, place: () => string): [string, Cell][] {
  let json: unknown
  try {
    json = JSON.parse(written)
  } catch (error) {
    throw new EngineRefusal(
      'data',
      `${place()} is not JSON: ${written.slice(0, 60)}: each line has to be an object of its own, such as {"age": 41}`,
      { cause: error },
    )
  }
  demand(
    typeof json === 'object' && json !== null && !Array.isArray(json),
    'data',
    () => `${place()} is no object: ${written.slice(0, 60)}: each line has to be one, such as {"age": 41}`,
  )
  return Object.entries(json).map(([key, value]) => [
    key.trim(),
    cellOf(value, () => `${place()}, ${key.slice(0, 60)}`),
  ])
}

function cellOf(value: unknown, place: () => string): Cell {
  if (value === null) return undefined
  if (typeof value === 'string') return value.trim()
  demand(
    typeof value === 'number' || typeof value === 'boolean',
    'data',
    () =>
      `${place()} is ${JSON.stringify(value).slice(0, 60)}: expected a text, a number, true, false or null`,
  )
  return String(value)
}
