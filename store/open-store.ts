import type { BlobStore } from './blob-store.ts'
import { type NamedStore, type SeveralOptions, severalStores } from './several-stores.ts'
import { type StoreLocation, storeName } from './store-location.ts'

/** Opens a store. Loads only the code that this kind of store needs. */
export async function openStore(location: StoreLocation): Promise<BlobStore> {
  if ('dir' in location) return (await import('./file-store.ts')).openFileStore(location)
  return (await import('./http-store.ts')).httpStore(location)
}

/** Opens several stores as one: written to all, read from any. */
export async function openStores(
  locations: readonly StoreLocation[],
  options?: SeveralOptions,
): Promise<BlobStore> {
  return severalStores(await openEach(locations), options)
}

/** Opens several stores, each by itself. */
async function openEach(locations: readonly StoreLocation[]): Promise<NamedStore[]> {
  return Promise.all(
    locations.map(async (location) => ({ name: storeName(location), store: await openStore(location) })),
  )
}
