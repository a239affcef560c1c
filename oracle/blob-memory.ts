import type { BlobStore, Hash } from '@assay/store/blob-store.ts'

/** Most bytes of blobs that an oracle keeps in memory. */
export const BLOB_MEMORY_BYTES = 268_435_456

/**
 * The store, with a memory for the blobs read last: what is looked at again, and the votes on what was judged, don't
 * wait for it a second time. A blob's hash was checked when it came, so it never gets old.
 */
export function withMemory(store: BlobStore, maxBytes = BLOB_MEMORY_BYTES): BlobStore {
  const kept = new Map<Hash, Uint8Array>()
  let keptBytes = 0
  const keep = (hash: Hash, bytes: Uint8Array) => {
    if (kept.has(hash) || bytes.length > maxBytes) return
    kept.set(hash, bytes)
    keptBytes += bytes.length
    for (const [oldest, { length }] of kept) {
      if (keptBytes <= maxBytes) return
      kept.delete(oldest)
      keptBytes -= length
    }
  }
  return {
    ...store,
    get: async (hash, limit) => {
      const known = kept.get(hash)
      if (known !== undefined && known.length <= limit.maxBytes) return known
      const bytes = await store.get(hash, limit)
      keep(hash, bytes)
      return bytes
    },
  }
}
