import { demand, EngineRefusal } from '../refusal.ts'
import { openDelimited } from './delimited.ts'
import { openJsonLines } from './json-lines.ts'
import { endingOf, type RawFile } from './raw-file.ts'
import type { Table } from './table.ts'

/** Largest table, in bytes. */
const MAX_TABLE_BYTES = 512 * 1024 * 1024

const OPENERS: Record<string, (file: string, bytes: Uint8Array) => Table> = {
  '.csv': openDelimited,
  '.tsv': openDelimited,
  '.tab': openDelimited,
  '.jsonl': openJsonLines,
  '.ndjson': openJsonLines,
  '.json': openJsonLines,
}

/** Whether a file's name says that it holds a table. */
export function isTable({ path }: RawFile): boolean {
  return Object.hasOwn(OPENERS, endingOf(path))
}

/**
 * Opens a table by its file's ending.
 *
 * @throws EngineRefusal `data` for another ending, a file over the limit, or one that isn't what its ending says
 */
export async function openTable(file: RawFile): Promise<Table> {
  const open = OPENERS[endingOf(file.path)]
  if (open === undefined)
    throw new EngineRefusal(
      'data',
      `${file.path} is no table: expected a file that ends in ${Object.keys(OPENERS).join(', ')}`,
    )
  demand(
    file.sizeBytes <= MAX_TABLE_BYTES,
    'data',
    () => `${file.path} has ${file.sizeBytes} bytes, the limit of a table is ${MAX_TABLE_BYTES}`,
  )
  return open(file.path, await file.read())
}
