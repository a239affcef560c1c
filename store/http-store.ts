import { shownUrl } from '@assay/sdk/client/shown-url.ts'
import { sourceOf } from './blob-source.ts'
import {
  type BlobStore,
  type Hash,
  isMissing,
  MAX_RECORD_BYTES,
  requireHash,
  StoreError,
} from './blob-store.ts'
import { collectBlob, tooLarge } from './collect.ts'
import {
  type Attempt,
  attempts,
  bodyOf,
  type Client,
  readUpTo,
  request,
  requireAnswer,
} from './http-client.ts'
import { openUploads, type UploadOptions } from './http-upload.ts'
import { SLOWEST_BYTES_PER_SECOND } from './pace.ts'
import { parseRecordKey } from './records.ts'
import { isHttpUrl } from './store-location.ts'

export type HttpStoreOptions = UploadOptions & {
  /** Where the server is, for instance `http://127.0.0.1:4180`. */
  url: string
  /** Longest time in which no byte of a transfer moves, in milliseconds. Node itself gives up after 300,000 ms. */
  stallTimeoutMs?: number
  /** Lowest average speed of a transfer that is waited for, in bytes a second. */
  slowestBytesPerSecond?: number
  /** Ends every transfer when it aborts. */
  signal?: AbortSignal | undefined
  /** Further attempts after a network error, a time-out or an answer that no store gives. */
  retries?: number
}

const DEFAULT_STALL_TIMEOUT_MS = 30_000
const DEFAULT_RETRIES = 2
const BLOB_TYPE = 'application/octet-stream'
const RECORD_TYPE = 'application/json'

/**
 * A store behind HTTP. The server isn't trusted: what it sends is limited and hashed, and redirects are refused.
 * Proxies on the way aren't trusted either: only a blob, a record, a receipt or a refusal in the form of http-server.ts
 * counts as an answer. Anything else is 'unavailable'.
 *
 * @throws StoreError 'bad-request' for an address that isn't http or https
 */
export function httpStore(options: HttpStoreOptions): BlobStore {
  const client: Client = {
    ...addressOf(options.url),
    pace: {
      stallTimeoutMs: options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS,
      slowestBytesPerSecond: options.slowestBytesPerSecond ?? SLOWEST_BYTES_PER_SECOND,
    },
    retries: options.retries ?? DEFAULT_RETRIES,
    signal: options.signal,
  }
  const uploads = openUploads(client, options)
  return {
    put: async (content) => {
      const { hash, ...source } = sourceOf(content)
      await uploads.send(`blobs/${hash}`, { ...source, type: BLOB_TYPE })
      return hash
    },
    get: async (hash, limit) => {
      requireHash(hash)
      return attempts(client, limit, (attempt) => download(attempt, hash, limit.maxBytes))
    },
    has: async (hash, { signal } = {}) => {
      requireHash(hash)
      return attempts(client, { maxBytes: 0, signal }, (attempt) => isThere(attempt, hash))
    },
    putRecord: async (key, bytes) => {
      parseRecordKey(key)
      const source = { sizeBytes: bytes.length, pieces: () => [bytes] }
      await uploads.send(`records/${key}`, { ...source, type: RECORD_TYPE })
    },
    getRecord: async (key, { signal, check } = {}) => {
      parseRecordKey(key)
      return attempts(client, { maxBytes: MAX_RECORD_BYTES, signal }, async (attempt) => {
        const record = await downloadRecord(attempt, key)
        if (record !== undefined) await check?.(record)
        return record
      })
    },
  }
}

/** A server's address, and the user and password in it as the header that they are sent in. */
function addressOf(text: string): Pick<Client, 'base' | 'headers'> {
  if (!isHttpUrl(text)) {
    throw new StoreError(
      'bad-request',
      `"${shownUrl(text)}" is not a store's address: write http://host:port or https://host.`,
    )
  }
  const base = new URL(text)
  const login = `${unescaped(base.username)}:${unescaped(base.password)}`
  base.username = ''
  base.password = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return {
    base,
    headers: login === ':' ? {} : { authorization: `Basic ${base64(login)}` },
  }
}

/** A part of an address without its escapes; as it is when they are no valid ones. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

// ---- downloads

async function download(attempt: Attempt, hash: Hash, maxBytes: number): Promise<Uint8Array> {
  const response = await request(attempt, `blobs/${hash}`, {})
  await requireAnswer(attempt, response, BLOB_TYPE)
  const announced = Number(response.headers.get('content-length') ?? 0)
  if (announced > maxBytes) {
    await response.body?.cancel()
    throw tooLarge(hash, announced, maxBytes)
  }
  return collectBlob(hash, bodyOf(attempt, response), { maxBytes, announced })
}

/** Asks with GET: an answer to HEAD has no body, so a store's "not there" would look like a proxy's. */
async function isThere(attempt: Attempt, hash: Hash): Promise<boolean> {
  const response = await request(attempt, `blobs/${hash}`, {})
  try {
    await requireAnswer(attempt, response, BLOB_TYPE)
  } catch (error) {
    if (error instanceof StoreError && ['blob-missing', 'blob-corrupt'].includes(error.code)) return false
    throw error
  }
  await response.body?.cancel()
  return true
}

async function downloadRecord(attempt: Attempt, key: string): Promise<Uint8Array | undefined> {
  const response = await request(attempt, `records/${key}`, {})
  try {
    await requireAnswer(attempt, response, RECORD_TYPE)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  const { bytes, more } = await readUpTo(attempt, response, MAX_RECORD_BYTES)
  if (!more) return bytes
  throw new StoreError(
    'record-refused',
    `${response.url} sends more than ${MAX_RECORD_BYTES} bytes, which no record has.`,
  )
}
