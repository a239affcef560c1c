import type { BlobStore } from './blob-store.ts'

/** Where a daemon's blobs are: a folder on this machine, or a server. */
export type StoreLocation = { url: string } | { dir: string }

/** Opens the store that a daemon's configuration names; loads only what that kind of store needs. */
export async function openStore(location: StoreLocation): Promise<BlobStore> {
  if ('dir' in location) return (await import('./file-store.ts')).openFileStore(location)
  return (await import('./http-store.ts')).httpStore(location)
}
