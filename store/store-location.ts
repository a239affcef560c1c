import { shownUrl } from '@assay/sdk/client/shown-url.ts'
import type { FileStoreOptions } from './file-store.ts'
import type { HttpStoreOptions } from './http-store.ts'
import { isThisMachine } from './server/room.ts'

/** Where blobs are: a folder on this machine or a server, with the options of that kind of store. */
export type StoreLocation = HttpStoreOptions | FileStoreOptions

/** How a daemon's config or a command line names its stores: one or more, of either kind. */
export type StoreOptions = {
  /** Blob servers, and … */
  storeUrl?: string | readonly string[] | undefined
  /** … blob directories on this machine. */
  storeDir?: string | readonly string[] | undefined
}

/** No store was named, or one by what is no address. */
export class StoreLocationError extends Error {
  override name = 'StoreLocationError'
}

/**
 * The stores that the options name, each once.
 *
 * @param words what the options are called where they were given
 * @throws StoreLocationError unless there is at least one, and each URL is http or https
 */
export function storeLocations(
  { storeUrl = [], storeDir = [] }: StoreOptions,
  words: { url: string; dir: string } = { url: 'storeUrl', dir: 'storeDir' },
): StoreLocation[] {
  const urls = [...new Set([storeUrl].flat())]
  const dirs = [...new Set([storeDir].flat())]
  if (urls.length + dirs.length === 0)
    throw new StoreLocationError(`Name at least one store with ${words.url} or ${words.dir}.`)
  const wrong = urls.find((url) => !isHttpUrl(url))
  if (wrong !== undefined)
    throw new StoreLocationError(
      `"${shownUrl(wrong)}" is not the address of a store: give ${words.url} as http://host:port or https://host.`,
    )
  const locations = [...urls.map((url) => ({ url })), ...dirs.map((dir) => ({ dir }))]
  const twice = locations.map(storeName).find((name, i, names) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw new StoreLocationError(`The store ${twice} is named for two users. Give it once.`)
  return locations
}

/** A store's name for people, without any password. */
export function storeName(location: StoreLocation): string {
  return 'url' in location ? shownUrl(location.url) : location.dir
}

/** Whether a text is the address of an HTTP server. */
export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
}

/** Whether others can use a store: a folder, or an address on this machine alone, is of no use to them. */
export function isForOthers(location: StoreLocation): boolean {
  if (!('url' in location)) return false
  const { hostname } = new URL(location.url)
  return hostname !== 'localhost' && !isThisMachine(hostname.replace(/^\[|\]$/g, ''))
}
