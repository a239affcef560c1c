import {
  type BlobStore,
  type Hash,
  MAX_RECORD_BYTES,
  requireHash,
  StoreError,
  type StoreErrorCode,
} from './blob-store.ts'
import { collectBlob, tooLarge } from './collect.ts'
import { parseRecordKey } from './records.ts'
import { hashOf } from './sha256.ts'

export type HttpStoreOptions = {
  /** Where the server is, for instance `http://127.0.0.1:4180`. */
  url: string
  /** Longest time for one attempt, in milliseconds. */
  timeoutMs?: number
  /** Further attempts after a network error, a time-out or an answer of the 500s. */
  retries?: number
}

type Client = { base: URL; timeoutMs: number; retries: number }

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_RETRIES = 2
const FIRST_BACKOFF_MS = 100

const CODES: readonly string[] = [
  'blob-missing',
  'blob-too-large',
  'blob-corrupt',
  'bad-request',
  'record-refused',
  'record-taken',
  'full',
  'unavailable',
] satisfies StoreErrorCode[]

/**
 * A store behind HTTP. The server isn't trusted: what it sends is bounded and hashed, redirects are refused.
 *
 * @throws StoreError 'bad-request' for an address that isn't http or https
 */
export function httpStore(options: HttpStoreOptions): BlobStore {
  const client: Client = {
    base: baseUrl(options.url),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retries: options.retries ?? DEFAULT_RETRIES,
  }
  return {
    put: async (bytes) => {
      const hash = hashOf(bytes)
      await retrying(client, () => upload(client, `blobs/${hash}`, bytes, 'application/octet-stream'))
      return hash
    },
    get: async (hash, { maxBytes }) => retrying(client, () => download(client, requireHash(hash), maxBytes)),
    has: async (hash) => {
      requireHash(hash)
      return retrying(client, async () => {
        const response = await request(client, `blobs/${hash}`, { method: 'HEAD' })
        if (response.ok || response.status === 404) return response.ok
        throw await refusalOf(client, response)
      })
    },
    putRecord: async (key, bytes) => {
      parseRecordKey(key)
      await retrying(client, () => upload(client, `records/${key}`, bytes, 'application/json'))
    },
    getRecord: async (key) => {
      parseRecordKey(key)
      return retrying(client, () => downloadRecord(client, key))
    },
  }
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new StoreError(
      'bad-request',
      `"${text}" is not a store's address: write http://host:port or https://host.`,
    )
  }
  return new URL(url.href.endsWith('/') ? url.href : `${url.href}/`)
}

async function upload(client: Client, path: string, bytes: Uint8Array, type: string): Promise<void> {
  const body = new Uint8Array(bytes)
  const response = await request(client, path, { method: 'PUT', body, headers: { 'content-type': type } })
  if (!response.ok) throw await refusalOf(client, response)
  await response.body?.cancel()
}

async function download(client: Client, hash: Hash, maxBytes: number): Promise<Uint8Array> {
  const response = await request(client, `blobs/${hash}`, {})
  if (!response.ok) throw await refusalOf(client, response)
  const announced = Number(response.headers.get('content-length') ?? 0)
  if (announced > maxBytes) {
    await response.body?.cancel()
    throw tooLarge(hash, announced, maxBytes)
  }
  return collectBlob(hash, bodyOf(client, response), maxBytes)
}

async function downloadRecord(client: Client, key: string): Promise<Uint8Array | undefined> {
  const response = await request(client, `records/${key}`, {})
  if (response.status === 404) {
    await response.body?.cancel()
    return undefined
  }
  if (!response.ok) throw await refusalOf(client, response)
  return readShort(client, response)
}

async function request(client: Client, path: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(client.timeoutMs)
  return fetch(new URL(path, client.base), { ...init, redirect: 'error', signal }).catch((cause: Error) => {
    throw unreachable(client, cause)
  })
}

async function* bodyOf(client: Client, response: Response): AsyncGenerator<Uint8Array> {
  try {
    if (response.body) yield* response.body
  } catch (cause) {
    throw unreachable(client, cause as Error)
  }
}

async function readShort(client: Client, response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of bodyOf(client, response)) {
    length += part.length
    if (length > MAX_RECORD_BYTES) {
      throw new StoreError(
        'record-refused',
        `${response.url} sends more than ${MAX_RECORD_BYTES} bytes, which no record has.`,
      )
    }
    parts.push(part)
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())
}

async function refusalOf(client: Client, response: Response): Promise<StoreError> {
  const said = new TextDecoder().decode(await readShort(client, response))
  const { code, message } = parseRefusal(said)
  if (CODES.includes(code)) return new StoreError(code as StoreErrorCode, message)
  const kind = response.status >= 500 || response.status === 429 ? 'unavailable' : 'bad-request'
  return new StoreError(kind, `${response.url} answered ${response.status}: ${said.slice(0, 200)}`)
}

function parseRefusal(said: string): { code: string; message: string } {
  try {
    const { code, message } = JSON.parse(said) as { code?: unknown; message?: unknown }
    return { code: String(code), message: String(message) }
  } catch (notJson) {
    return { code: 'none', message: String(notJson) }
  }
}

function unreachable(client: Client, cause: Error): StoreError {
  const reason = cause.cause instanceof Error ? cause.cause.message : cause.message
  return new StoreError(
    'unavailable',
    `the store at ${client.base.origin} did not answer (${reason}). Is it running?`,
    { cause },
  )
}

async function retrying<T>(client: Client, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const transient = error instanceof StoreError && error.code === 'unavailable'
      if (!transient || attempt >= client.retries) throw error
      await new Promise((resolve) => setTimeout(resolve, FIRST_BACKOFF_MS * 2 ** attempt))
    }
  }
}
