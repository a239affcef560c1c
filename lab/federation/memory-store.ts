import { blobHash } from '@assay/engine/hash.ts'
import { joined } from '@assay/engine/package/pieces.ts'
import { type BlobStore, type Hash, StoreError } from '@assay/store/blob-store.ts'

/** A store of this process alone. */
export type MemoryStore = BlobStore & {
  /** Forgets everything, to keep memory small. */
  clear(): void
}

export function openMemoryStore(): MemoryStore {
  const blobs = new Map<Hash, Uint8Array>()
  const records = new Map<string, Uint8Array>()
  return {
    put: async (content) => {
      const bytes = content instanceof Uint8Array ? content : joined(await piecesOf(content.pieces()))
      const hash = content instanceof Uint8Array ? blobHash(bytes) : content.hash
      blobs.set(hash, bytes)
      return hash
    },
    get: async (hash, { maxBytes }) => {
      const bytes = blobs.get(hash)
      if (bytes === undefined) throw new StoreError('blob-missing', `nobody has put the blob ${hash}`)
      if (bytes.length <= maxBytes) return bytes
      throw new StoreError('blob-too-large', `${hash} has ${bytes.length} bytes, the limit is ${maxBytes}`)
    },
    has: async (hash) => blobs.has(hash),
    putRecord: async (key, bytes) => void records.set(key, bytes),
    getRecord: async (key, options) => {
      const bytes = records.get(key)
      if (bytes !== undefined) await options?.check?.(bytes)
      return bytes
    },
    clear: () => {
      blobs.clear()
      records.clear()
    },
  }
}

async function piecesOf(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}
