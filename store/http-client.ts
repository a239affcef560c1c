import { type ReadOptions, StoreError, type StoreErrorCode } from './blob-store.ts'
import { untilAborted } from './deadline.ts'
import { type Pace, type Watch, watchTransfer } from './pace.ts'

/** How a store behind HTTP is reached. */
export type Client = {
  /** The address without user and password. */
  base: URL
  /** What every request carries. */
  headers: Record<string, string>
  pace: Pace
  retries: number
  /** Ends every transfer when it aborts. */
  signal: AbortSignal | undefined
}

/** One attempt at one transfer. */
export type Attempt = { client: Client; watch: Watch }

const FIRST_BACKOFF_MS = 100
/** Longest refusal that a store sends, in bytes. */
const MAX_REFUSAL_BYTES = 4_096

const CODES: readonly string[] = [
  'blob-missing',
  'blob-too-large',
  'blob-corrupt',
  'bad-request',
  'record-refused',
  'record-taken',
  'not-admitted',
  'full',
  'unavailable',
] satisfies StoreErrorCode[]

// ---- answers

/** Sends a request. It follows no redirect. @throws StoreError 'unavailable' */
export async function request(
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

/** A response's body, watched. @throws StoreError 'unavailable' */
export async function* bodyOf({ client, watch }: Attempt, response: Response): AsyncGenerator<Uint8Array> {
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
export async function readUpTo(
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
export async function requireAnswer(attempt: Attempt, response: Response, type: string): Promise<void> {
  if (!response.ok) throw await refusalOf(attempt, response)
  const sent = response.headers.get('content-type')?.split(';')[0]
  if (sent === type) return
  await response.body?.cancel()
  throw strangeAnswer(response, `content of type ${sent ?? 'unknown'} instead of ${type}`)
}

/** What a response that is no success says: a store's refusal, or 'unavailable' for anything else. */
export async function refusalOf(attempt: Attempt, response: Response): Promise<StoreError> {
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

/** The error for an answer that no store gives. */
export function strangeAnswer({ url, status }: Response, what: string): StoreError {
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
export function attempts<T>(
  client: Client,
  { maxBytes, ...reader }: { maxBytes: number } & ReadOptions,
  transfer: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const signals = [client.signal, reader.signal].filter((one) => one !== undefined)
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
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
