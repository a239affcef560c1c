import { type Hash, StoreError } from './blob-store.ts'
import { startHash } from './sha256.ts'

/**
 * Reads a blob to its end and hashes it on the way. Stops as soon as it is longer than allowed.
 *
 * @throws StoreError 'blob-too-large' past `maxBytes`, 'blob-corrupt' when the bytes have another hash
 */
export async function collectBlob(
  hash: Hash,
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const digest = startHash()
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(hash, length, maxBytes)
    digest.update(chunk)
    parts.push(chunk)
  }
  const actual = digest.end()
  if (actual !== hash) {
    throw new StoreError(
      'blob-corrupt',
      `asked for blob ${hash} and got ${length} bytes with hash ${actual}. Ask another store.`,
    )
  }
  return concatenate(parts, length)
}

/** The error for a blob that is longer than its reader or store accepts. */
export function tooLarge(hash: string, bytes: number, maxBytes: number): StoreError {
  return new StoreError(
    'blob-too-large',
    `blob ${hash} has at least ${bytes} bytes; the limit here is ${maxBytes}.`,
  )
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
