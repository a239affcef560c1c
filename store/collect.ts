import { type Hash, StoreError } from './blob-store.ts'
import { startHash } from './sha256.ts'

/**
 * Reads a blob to its end and hashes it on the way. Stops as soon as it is longer than allowed.
 *
 * @param limit.announced its length, as whoever sends it says: with the right one it is in memory once, with a wrong one twice
 * @throws StoreError 'blob-too-large' past `maxBytes`, 'blob-corrupt' when the bytes have another hash
 */
export async function collectBlob(
  hash: Hash,
  chunks: AsyncIterable<Uint8Array>,
  { maxBytes, announced = 0 }: { maxBytes: number; announced?: number },
): Promise<Uint8Array> {
  let whole = new Uint8Array(Math.max(0, Math.min(announced, maxBytes)))
  let length = 0
  for await (const chunk of checked(hash, chunks, maxBytes)) {
    const end = length + chunk.length
    if (end > whole.length) whole = longer(whole, end, maxBytes)
    whole.set(chunk, length)
    length = end
  }
  return length === whole.length ? whole : whole.slice(0, length)
}

/**
 * The pieces of a blob. Its end is an error unless they are the blob's.
 *
 * @throws StoreError like {@link collectBlob}
 */
export async function* checked(
  hash: Hash,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const digest = startHash()
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(hash, length, maxBytes)
    digest.update(chunk)
    yield chunk
  }
  const actual = digest.end()
  if (actual !== hash) {
    throw new StoreError(
      'blob-corrupt',
      `asked for blob ${hash} and got ${length} bytes with hash ${actual}. Ask another store.`,
    )
  }
}

/** The error for a blob that is longer than its reader or store accepts. */
export function tooLarge(hash: string, bytes: number, maxBytes: number): StoreError {
  return new StoreError(
    'blob-too-large',
    `blob ${hash} has at least ${bytes} bytes; the limit here is ${maxBytes}.`,
  )
}

/** The same bytes with room for more: at least twice as long, so that they are seldom copied. */
function longer(bytes: Uint8Array, least: number, most: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.max(least, Math.min(2 * bytes.length, most)))
  grown.set(bytes)
  return grown
}
