import type { BlobStore } from './blob-store.ts'
import type { StoreLocation } from './store-location.ts'

/** Opens the store that a daemon's config names. Loads only the code that this kind of store needs. */
export async function openStore(location: StoreLocation): Promise<BlobStore> {
  if ('dir' in location) return (await import('./file-store.ts')).openFileStore(location)
  return (await import('./http-store.ts')).httpStore(location)
}
