import type { Hash } from './blob-store.ts'
import { hashOf } from './sha256.ts'

/** Bytes in their order, some at a time. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** A blob that needn't be in memory. It is read from its first byte each time it is sent. */
export type BlobSource = {
  /** sha256 of all of it. A store refuses other bytes. */
  hash: Hash
  sizeBytes: number
  pieces(): Pieces
}

/** Bytes in memory as a source; a source stays what it is. */
export function sourceOf(content: Uint8Array | BlobSource): BlobSource {
  if (!(content instanceof Uint8Array)) return content
  return { hash: hashOf(content), sizeBytes: content.length, pieces: () => [content] }
}
