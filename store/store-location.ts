import type { FileStoreOptions } from './file-store.ts'
import type { HttpStoreOptions } from './http-store.ts'

/** Where a daemon's blobs are: a folder on this machine or a server, with the options of that kind of store. */
export type StoreLocation = HttpStoreOptions | FileStoreOptions

/** How a daemon's config or a command line names its store: by exactly one of the two. */
export type StoreOptions = {
  /** Blob server, or … */
  storeUrl?: string | undefined
  /** … a blob directory on this machine. */
  storeDir?: string | undefined
}

/** No store was named, or two. */
export class StoreLocationError extends Error {
  override name = 'StoreLocationError'
}

/**
 * The store that the options name.
 *
 * @param words what the options are called where they were given
 * @throws StoreLocationError unless exactly one of the two is given
 */
export function storeLocation(
  { storeUrl, storeDir }: StoreOptions,
  words: { url: string; dir: string } = { url: 'storeUrl', dir: 'storeDir' },
): StoreLocation {
  if (storeUrl !== undefined && storeDir === undefined) return { url: storeUrl }
  if (storeDir !== undefined && storeUrl === undefined) return { dir: storeDir }
  throw new StoreLocationError(`Give exactly one of ${words.url} and ${words.dir}.`)
}
