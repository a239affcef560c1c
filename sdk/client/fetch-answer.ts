/** viem refuses longer answers; one byte more is read, so that it notices. */
const MOST_BYTES = 10_485_760
/** Seconds for which a node can make viem pause before it asks again. Whoever asked decides about longer pauses. */
const LONGEST_PAUSE_SECONDS = 5
/** Characters kept of a page for people. */
const MOST_WORDS = 400

/**
 * `fetch` for a node's answers, which may come from a gateway before it. The whole answer is read, so that the caller's timeout
 * covers all of it. Of an HTML page only the words are left, as an error.
 */
export async function fetchAnswer(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  const bytes = await firstBytes(response)
  const { status, statusText } = response
  const headers = new Headers({ 'content-type': 'application/json' })
  const pauseSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (pauseSeconds >= 0) headers.set('retry-after', `${Math.min(pauseSeconds, LONGEST_PAUSE_SECONDS)}`)
  const text = new TextDecoder().decode(bytes)
  if (isJson(text)) return new Response(bytes, { status, statusText, headers })
  const error = wordsOf(text) || statusText || 'an answer that is no JSON'
  return new Response(JSON.stringify({ error }), { status: response.ok ? 502 : status, statusText, headers })
}

async function firstBytes({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body ?? []) {
    parts.push(part)
    size += part.byteLength
    if (size > MOST_BYTES) break
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

function isJson(text: string): boolean {
  if (text.length >= MOST_BYTES) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * What a page says to people, without its tags, styles and scripts. The patterns stop at the next `<`: else a page of
 * them would take the square of its length.
 */
function wordsOf(page: string): string {
  return page
    .slice(0, 100_000)
    .replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(<\/\1\s*>|$)/gi, ' ')
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MOST_WORDS)
}
