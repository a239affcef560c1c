import type { FileStoreOptions } from './file-store.ts'
import type { HttpStoreOptions } from './http-store.ts'

/** Where a daemon's blobs are: a folder on this machine, or a server, with what that kind of store may be told besides. */
export type StoreLocation = HttpStoreOptions | FileStoreOptions

/** How a daemon's configuration or a command line names its store: by one of the two. */
export type StoreOptions = {
  /** Blob server, or … */
  storeUrl?: string | undefined
  /** … a blob directory on this machine. */
  storeDir?: string | undefined
}

/** No store was named, or two were. */
export class StoreLocationError extends Error {
  override name = 'StoreLocationError'
}

/**
 * The store that options name.
 *
 * @param words how the options are called where they were given
 * @throws StoreLocationError unless exactly one of the two is there
 */
export function storeLocation(
  { storeUrl, storeDir }: StoreOptions,
  words: { url: string; dir: string } = { url: 'storeUrl', dir: 'storeDir' },
): StoreLocation {
  if (storeUrl !== undefined && storeDir === undefined) return { url: storeUrl }
  if (storeDir !== undefined && storeUrl === undefined) return { dir: storeDir }
  throw new StoreLocationError(`Give exactly one of ${words.url} and ${words.dir}.`)
}
