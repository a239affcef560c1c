/** How every kind of record is read: its JSON, its spelling, and its way from a store. */
import { z } from 'zod4'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'

/** Characters of a reason that are repeated in an error. A record can be wrong in thousands of places. */
const LONGEST_REASON = 300

export const hashSchema = z.custom<Hash>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'a 32-byte hash',
)

/**
 * What a record's bytes say.
 *
 * @param read turns the parsed JSON into the record, or throws
 * @param wrong what is wrong if it throws, for the error
 * @throws StoreError 'record-refused' when they are no JSON, or `read` throws
 */
export function parseRecord<T>(bytes: Uint8Array, read: (json: unknown) => T, wrong: string): T {
  try {
    return read(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    const reason = (cause as Error).message.slice(0, LONGEST_REASON)
    throw new StoreError('record-refused', `${wrong}: ${reason}`, { cause })
  }
}

/**
 * Refuses a record that says the same as another one in other bytes: a stranger can make such a one.
 *
 * @param spelled the only bytes that say it
 * @throws StoreError 'record-refused'
 */
export function requireSpelling(bytes: Uint8Array, spelled: Uint8Array, what: string): void {
  if (bytes.length === spelled.length && bytes.every((byte, i) => byte === spelled[i])) return
  throw new StoreError('record-refused', `${what} is not in its only spelling.`)
}

/**
 * The record of that name, checked; undefined while nobody has written it. Of several stores, one without a valid one is
 * passed over.
 */
export async function fetchRecord<T>(
  store: BlobStore,
  key: string,
  decode: (bytes: Uint8Array) => Promise<T>,
  options: ReadOptions,
): Promise<T | undefined> {
  let record: T | undefined
  const check = async (bytes: Uint8Array) => {
    record = await decode(bytes)
  }
  await store.getRecord(key, { ...options, check })
  return record
}
