import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { BlobSource } from './blob-source.ts'

/** 32 bytes, as 0x and 64 lowercase hexadecimal digits. */
export type Hash = `0x${string}`

/** Options of every read. */
export type ReadOptions = {
  /** Ends the read with StoreError 'unavailable' when it aborts. Many reads may share one signal as their deadline. */
  signal?: AbortSignal | undefined
}

/** Options of a record's reader. */
export type RecordOptions = ReadOptions & {
  /** Rejects with StoreError 'record-refused' if these bytes aren't what the reader looks for. */
  check?: (bytes: Uint8Array) => Promise<void>
}

/**
 * Where blobs and named records are kept. A blob is a string of bytes under its sha256, so nobody has to trust the
 * store. A named record is small and proves itself (see records.ts); through it readers find blobs from chain data
 * alone.
 */
export interface BlobStore {
  /**
   * Stores a blob durably. Putting the same one again changes nothing. One that isn't in memory comes as a source and is read in
   * pieces, with memory for one of them.
   *
   * @returns its sha256
   */
  put(content: Uint8Array | BlobSource): Promise<Hash>

  /**
   * The bytes whose sha256 is `hash`, in memory once. They are hashed while they arrive.
   *
   * @param limit.maxBytes the most that the reader accepts
   * @throws StoreError 'blob-missing', 'blob-too-large', 'blob-corrupt' or 'unavailable'
   */
  get(hash: Hash, limit: { maxBytes: number } & ReadOptions): Promise<Uint8Array>

  /** Whether the store has a blob. @throws StoreError 'unavailable' */
  has(hash: Hash, options?: ReadOptions): Promise<boolean>

  /**
   * Stores a record under its name. The first write wins; writing the same bytes again changes nothing.
   *
   * @throws StoreError 'record-refused' when it does not prove itself, 'record-taken' when the name has another record
   */
  putRecord(key: string, bytes: Uint8Array): Promise<void>

  /**
   * The record of that name, or undefined if nobody has written it.
   *
   * @throws StoreError 'record-refused' when it is longer than a record may be or fails `check`, or 'unavailable'
   */
  getRecord(key: string, options?: RecordOptions): Promise<Uint8Array | undefined>
}

export type StoreErrorCode =
  | 'blob-missing'
  | 'blob-too-large'
  | 'blob-corrupt'
  | 'bad-request'
  | 'record-refused'
  | 'record-taken'
  | 'not-admitted'
  | 'full'
  | 'unavailable'

/** A server's own words are in it. */
const LONGEST_MESSAGE = 500

/**
 * Why a store did not do what it was asked. A later try can succeed after 'unavailable' or 'full', and after
 * 'not-admitted' once the account is enrolled or joined.
 */
export class StoreError extends Error {
  override name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(plainText(message, LONGEST_MESSAGE), options)
    this.code = code
  }
}

/** Largest named record, in bytes. */
export const MAX_RECORD_BYTES = 65_536
/** Largest blob that a store accepts by default, in bytes. */
export const DEFAULT_MAX_BLOB_BYTES = 268_435_456
/** Largest sum of all blobs and records that a store accepts by default, in bytes. */
export const DEFAULT_MAX_TOTAL_BYTES = 68_719_476_736

const HASH_PATTERN = /^0x[0-9a-f]{64}$/

/** Whether an error says that nobody has put the blob yet. */
export function isMissing(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'blob-missing'
}

/** Whether an error says that the blob is longer than its reader takes. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'blob-too-large'
}

/** @throws StoreError 'bad-request' unless `text` is 0x and 64 lowercase hexadecimal digits */
export function requireHash(text: string): Hash {
  if (HASH_PATTERN.test(text)) return text as Hash
  throw new StoreError(
    'bad-request',
    `"${text.slice(0, 80)}" is not a blob's hash: write sha256 as 0x and 64 lowercase digits.`,
  )
}
