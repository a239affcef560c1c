/**
 * Why a node refused to give logs, as far as the range of blocks matters: it is too large (`tooMuch`), or nothing came in time,
 * which a smaller range may help (`tooSlow`). Undefined for all else.
 */
export type LogRefusal = 'tooMuch' | 'tooSlow'

/** An error and what is inside of it is looked at down to this depth. */
const DEPTH = 8
/** What providers say when a range has too many blocks, logs or bytes: a subject … */
const SUBJECT = /\b(ranges?|blocks?|logs?|results?|responses?|query|queries|set|size|distance)\b/
/** … and what is wrong with it. */
const EXCESS =
  /\btoo (many|much|large|big|wide|high|long|broad)\b|\bexceed(s|ed|ing)?\b|\b(more|larger|bigger|greater|longer|smaller) than\b|\blimit(s|ed)?\b|\bmax(imum|imin)?\b|\b(at most|up to)\b|\bover \d+ (blocks|results|logs)\b|\bnot (allowed|supported)\b/
/** Whole messages that mean it without a subject. */
const BARE = /^(limit exceeded|request entity too large|payload too large|content too large)\.?$/
const LATE =
  /\b(time(d)?[- ]?out|took too long|deadline exceeded)\b|\btimeout of \d+ ?ms exceeded\b|\bexecution timeout\b/
/** Late, and said by whoever stands before the node: it may be the node that is down. */
const GATEWAY_LATE = /\bgateway time-?out\b|\berror code 524\b|\ba timeout occurred\b/
/**
 * What a smaller range doesn't help: being asked too often, a plan that is used up, keys, methods, pruned history, blocks that
 * aren't there yet, other parameters of the question, a contract's own refusal.
 */
const OTHERWISE =
  /\brate\b|rate.?limit|too many requests|\brequests? (count|limit|per)\b|\bcall rate\b|\bper (second|minute|hour|day|month)\b|\/ ?(s|sec|second|min|minute|day)\b|\brps\b|\bcompute units?\b|throttl|\bquota\b|\bcredits?\b|\bcapacity\b|\busage limit\b|\bmonthly\b|\bdaily\b|concurren|\bconnect(ions?)?\b|unauthori[sz]ed|authenticat|\bapi.?key\b|forbidden|\bbatch\b|\baddresses\b|\btopics\b|\bparameters in\b|\bgas\b|revert|\bprun(ed|ing)\b|\barchiv|\bbeyond\b|\bmissing trie\b|\bnot (available|found)\b|\bwhitelist|\bsuitable provider\b|\bhealthy\b|\bnonce\b|\bfee\b/
const OTHER_STATUSES = new Set([401, 402, 403, 404, 405, 407, 429])

/** What a refusal says about the range of blocks that was asked for. @param error whatever asking for logs threw */
export function logRefusalOf(error: unknown): LogRefusal | undefined {
  const found: Facts = { words: [], numbers: [], names: [], isRevert: false }
  collect(error, found, DEPTH)
  const { words, numbers, names, isRevert } = found
  if (isRevert || numbers.some((number) => OTHER_STATUSES.has(number))) return undefined
  if (words.some((text) => OTHERWISE.test(text))) return undefined

  if (names.includes('ResponseBodyTooLargeError') || numbers.includes(413)) return 'tooMuch'
  if (words.some((text) => BARE.test(text) || (SUBJECT.test(text) && EXCESS.test(text)))) return 'tooMuch'
  if (names.includes('TimeoutError') || numbers.some((number) => number === 504 || number === 524))
    return 'tooSlow'
  if (words.some((text) => GATEWAY_LATE.test(text))) return 'tooSlow'
  return words.some((text) => LATE.test(text)) ? 'tooMuch' : undefined
}

type Facts = { words: string[]; numbers: number[]; names: string[]; isRevert: boolean }

/** Fields in which nodes, gateways and clients say why. A URL, a request or a stack says nothing about the refusal. */
const SPEAKING = [
  'message',
  'details',
  'data',
  'error',
  'errors',
  'payload',
  'body',
  'reason',
  'cause',
  'title',
]
/** viem's errors repeat the request in their message, and have words of their own in front of the node's. */
const VIEMS_OWN = new Set(['message', 'body'])

function collect(said: unknown, found: Facts, depth: number): void {
  if (depth === 0 || said === null) return
  if (typeof said === 'string') collectText(said, found, depth)
  if (typeof said !== 'object') return
  const fields = said as Record<string, unknown>
  const isViems = typeof fields.shortMessage === 'string'
  if (typeof fields.name === 'string') found.names.push(fields.name)
  for (const key of ['status', 'code', 'statusCode'])
    if (typeof fields[key] === 'number') found.numbers.push(fields[key])
  for (const key of Array.isArray(said) ? said.keys() : SPEAKING)
    if (!(isViems && VIEMS_OWN.has(`${key}`))) collect(fields[key], found, depth - 1)
}

function collectText(text: string, found: Facts, depth: number): void {
  const trimmed = text.replaceAll(/https?:\/\/[^\s"]+/g, '').trim()
  if (/^0x[0-9a-f]{8,}$/i.test(trimmed)) found.isRevert = true
  else if (/^[[{"]/.test(trimmed)) {
    const inner = parsed(trimmed)
    if (inner === undefined) found.words.push(trimmed.toLowerCase())
    else collect(inner, found, depth - 1)
  } else found.words.push(trimmed.toLowerCase())
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
