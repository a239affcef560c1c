import { shownUrl } from '@assay/sdk/client/shown-url.ts'
import {
  type BlobStore,
  type Hash,
  isMissing,
  MAX_RECORD_BYTES,
  type ReadOptions,
  requireHash,
  StoreError,
  type StoreErrorCode,
} from './blob-store.ts'
import { collectBlob, tooLarge } from './collect.ts'
import { untilAborted } from './deadline.ts'
import { type Pace, SLOWEST_BYTES_PER_SECOND, type Watch, watchTransfer } from './pace.ts'
import { parseRecordKey } from './records.ts'
import { hashOf } from './sha256.ts'
import { isHttpUrl } from './store-location.ts'

export type HttpStoreOptions = {
  /** Where the server is, for instance `http://127.0.0.1:4180`. */
  url: string
  /** Longest time in which no byte of a transfer moves, in milliseconds. Node itself gives up after 300,000 ms. */
  stallTimeoutMs?: number
  /** Lowest average speed of a transfer that is waited for, in bytes a second. */
  slowestBytesPerSecond?: number
  /** Further attempts after a network error, a time-out or an answer that no store gives. */
  retries?: number
}

type Client = {
  /** The address without user and password. */
  base: URL
  /** What every request carries. */
  headers: Record<string, string>
  pace: Pace
  retries: number
}

/** One attempt at one transfer. */
type Attempt = { client: Client; watch: Watch }

const DEFAULT_STALL_TIMEOUT_MS = 30_000
const DEFAULT_RETRIES = 2
const FIRST_BACKOFF_MS = 100
/** Size of the pieces in which a blob is sent. Each piece shows that the transfer moves. */
const UPLOAD_PIECE_BYTES = 65_536
/** Bytes that the system may buffer before the network has them: Linux's largest send buffer by default. */
const SEND_BUFFER_BYTES = 4_194_304
/** Longest refusal that a store sends, in bytes. */
const MAX_REFUSAL_BYTES = 4_096

const BLOB_TYPE = 'application/octet-stream'
const RECORD_TYPE = 'application/json'

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
 * A store behind HTTP. The server isn't trusted: what it sends is limited and hashed, and redirects are refused.
 * Proxies on the way aren't trusted either: only a blob, a record or a refusal in the form of http-server.ts counts as
 * an answer. Anything else is 'unavailable'.
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
  }
  return {
    put: async (bytes) => {
      const hash = hashOf(bytes)
      await upload(client, `blobs/${hash}`, { bytes, type: BLOB_TYPE })
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
      await upload(client, `records/${key}`, { bytes, type: RECORD_TYPE })
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

// ---- transfers

function upload(client: Client, path: string, content: { bytes: Uint8Array; type: string }): Promise<void> {
  const { bytes, type } = content
  return attempts(client, { maxBytes: bytes.length }, async (attempt) => {
    const response = await request(attempt, path, {
      method: 'PUT',
      body: piecesOf(bytes, attempt.watch),
      duplex: 'half',
      headers: { 'content-type': type, 'content-length': `${bytes.length}` },
    })
    if (!response.ok) throw await refusalOf(attempt, response)
    await response.body?.cancel()
  })
}

/** An upload's body. It is asked for the next piece when the last one is sent, which shows that the upload moves. */
function piecesOf(bytes: Uint8Array, watch: Watch): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream(
    {
      pull: (controller) => {
        watch.moved(Math.min(sent, SEND_BUFFER_BYTES))
        if (sent >= bytes.length) return controller.close()
        controller.enqueue(bytes.subarray(sent, sent + UPLOAD_PIECE_BYTES))
        sent += UPLOAD_PIECE_BYTES
      },
    },
    { highWaterMark: 0 },
  )
}

async function download(attempt: Attempt, hash: Hash, maxBytes: number): Promise<Uint8Array> {
  const response = await request(attempt, `blobs/${hash}`, {})
  await requireAnswer(attempt, response, BLOB_TYPE)
  const announced = Number(response.headers.get('content-length') ?? 0)
  if (announced > maxBytes) {
    await response.body?.cancel()
    throw tooLarge(hash, announced, maxBytes)
  }
  return collectBlob(hash, bodyOf(attempt, response), maxBytes)
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

// ---- answers

async function request(
  { client, watch }: Attempt,
  path: string,
  init: RequestInit & { duplex?: 'half'; headers?: Record<string, string> },
): Promise<Response> {
  const { signal } = watch
  const headers = { ...client.headers, ...init.headers }
  const options: RequestInit = { ...init, headers, redirect: 'error', signal }
  const response = await fetch(new URL(path, client.base), options).catch((cause: Error) => {
    throw unreachable(client, cause)
  })
  watch.moved()
  return response
}

async function* bodyOf({ client, watch }: Attempt, response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return
  try {
    for await (const chunk of response.body) {
      watch.moved()
      yield chunk
    }
  } catch (cause) {
    throw unreachable(client, cause as Error)
  }
}

/** The first `maxBytes` of a body, and whether there is more; the rest stays unread. */
async function readUpTo(
  attempt: Attempt,
  response: Response,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; more: boolean }> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of bodyOf(attempt, response)) {
    length += part.length
    parts.push(part)
    if (length > maxBytes) break
  }
  const read = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())
  return { bytes: read.subarray(0, maxBytes), more: length > maxBytes }
}

/**
 * Throws unless the response is a blob or record of a store: on a store's refusal, and on a proxy's page of any status.
 */
async function requireAnswer(attempt: Attempt, response: Response, type: string): Promise<void> {
  if (!response.ok) throw await refusalOf(attempt, response)
  const sent = response.headers.get('content-type')?.split(';')[0]
  if (sent === type) return
  await response.body?.cancel()
  throw strangeAnswer(response, `content of type ${sent ?? 'unknown'} instead of ${type}`)
}

async function refusalOf(attempt: Attempt, response: Response): Promise<StoreError> {
  const { bytes } = await readUpTo(attempt, response, MAX_REFUSAL_BYTES)
  const said = new TextDecoder().decode(bytes)
  return parseRefusal(said) ?? strangeAnswer(response, `"${said.slice(0, 200)}"`)
}

function parseRefusal(said: string): StoreError | undefined {
  try {
    const { code, message } = JSON.parse(said) as { code?: unknown; message?: unknown }
    return CODES.includes(code as string)
      ? new StoreError(code as StoreErrorCode, String(message))
      : undefined
  } catch {
    return undefined
  }
}

function strangeAnswer({ url, status }: Response, what: string): StoreError {
  return new StoreError(
    'unavailable',
    `${url} answered ${status} with ${what}, as no store does. Is a proxy in front of it, or something else at its address?`,
  )
}

function unreachable(client: Client, cause: Error): StoreError {
  const reason = cause.cause instanceof Error ? cause.cause.message : cause.message
  return new StoreError(
    'unavailable',
    `the store at ${client.base.origin} did not answer (${reason}). Is it running?`,
    { cause },
  )
}

// ---- attempts

/** Does a transfer of at most `maxBytes`. Repeats it if the store doesn't answer, until the reader's signal aborts. */
function attempts<T>(
  client: Client,
  { maxBytes, signal }: { maxBytes: number } & ReadOptions,
  transfer: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  return untilAborted(signal, async () => {
    for (let failed = 0; ; failed++) {
      const watch = watchTransfer(client.pace, { maxBytes, signal })
      try {
        return await transfer({ client, watch })
      } catch (error) {
        const passes = error instanceof StoreError && error.code === 'unavailable' && !signal?.aborted
        if (!passes || failed >= client.retries) throw error
      } finally {
        watch.end()
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_BACKOFF_MS * 2 ** failed))
    }
  })
}
