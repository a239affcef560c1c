import type { BlobStore } from './blob-store.ts'
import type { FileStoreOptions } from './file-store.ts'
import type { HttpStoreOptions } from './http-store.ts'

/** Where a daemon's blobs are: a folder on this machine, or a server, with what that kind of store may be told besides. */
export type StoreLocation = HttpStoreOptions | FileStoreOptions

/** Opens the store that a daemon's configuration names; loads only what that kind of store needs. */
export async function openStore(location: StoreLocation): Promise<BlobStore> {
  if ('dir' in location) return (await import('./file-store.ts')).openFileStore(location)
  return (await import('./http-store.ts')).httpStore(location)
}
