/** 32 bytes, as 0x and 64 lowercase hexadecimal digits. */
export type Hash = `0x${string}`

/** What every read may be told besides its name. */
export type ReadOptions = {
  /** Gives the read up when it aborts, with StoreError 'unavailable'. One signal may be the deadline of many reads. */
  signal?: AbortSignal | undefined
}

/**
 * Where blobs and named records are kept. A blob is opaque bytes under their sha256, so nobody has to trust the store; a named
 * record is small and proves itself (see records.ts), so that readers find blobs from chain data alone.
 */
export interface BlobStore {
  /** Keeps the bytes durably. @returns their sha256. Putting the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<Hash>

  /**
   * The bytes whose sha256 is `hash`, hashed while they arrive.
   *
   * @param limit.maxBytes what the reader is ready to take
   * @throws StoreError 'blob-missing', 'blob-too-large', 'blob-corrupt' or 'unavailable'
   */
  get(hash: Hash, limit: { maxBytes: number } & ReadOptions): Promise<Uint8Array>

  /** Whether the store has a blob. @throws StoreError 'unavailable' */
  has(hash: Hash, options?: ReadOptions): Promise<boolean>

  /**
   * Keeps a record under its name. The first write wins; writing the same again changes nothing.
   *
   * @throws StoreError 'record-refused' when it does not prove itself, 'record-taken' when another one is there
   */
  putRecord(key: string, bytes: Uint8Array): Promise<void>

  /**
   * The record of that name, or undefined when nobody has written it. Readers check it themselves.
   *
   * @throws StoreError 'record-refused' when it is longer than any record, or 'unavailable'
   */
  getRecord(key: string, options?: ReadOptions): Promise<Uint8Array | undefined>
}

export type StoreErrorCode =
  | 'blob-missing'
  | 'blob-too-large'
  | 'blob-corrupt'
  | 'bad-request'
  | 'record-refused'
  | 'record-taken'
  | 'full'
  | 'unavailable'

/** Why a store did not do what it was asked. Only 'unavailable' and 'full' can change by trying again. */
export class StoreError extends Error {
  override name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Whether what a read threw tells of what the blob's owner did: put nothing, or more than its reader takes. Anything else may
 * be the fault of the store or of the way to it, bytes that don't fit their name too, and another reader may be luckier.
 */
export function isOwnersDoing(error: StoreError): boolean {
  return error.code === 'blob-missing' || error.code === 'blob-too-large'
}

/** Largest named record, in bytes. */
export const MAX_RECORD_BYTES = 65_536
/** Largest blob that a store takes when it is not told otherwise, in bytes. */
export const DEFAULT_MAX_BLOB_BYTES = 67_108_864
/** Largest sum of all blobs and records that a store takes when it is not told otherwise, in bytes. */
export const DEFAULT_MAX_TOTAL_BYTES = 68_719_476_736

const HASH_PATTERN = /^0x[0-9a-f]{64}$/

/** Whether an error says that nobody has put the blob (yet). */
export function isMissing(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'blob-missing'
}

/** @throws StoreError 'bad-request' unless `text` is 0x and 64 lowercase hexadecimal digits */
export function requireHash(text: string): Hash {
  if (HASH_PATTERN.test(text)) return text as Hash
  throw new StoreError(
    'bad-request',
    `"${text.slice(0, 80)}" is not a blob's hash: write sha256 as 0x and 64 lowercase digits.`,
  )
}
