import { readAmount, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import { plainJson, plainText } from '@assay/sdk/client/plain-text.ts'
import { timeText } from '@assay/sdk/client/times.ts'
import { isAddress } from 'viem'
import { CliError } from './failure.ts'

/**
 * Reads an amount: `12.5` in tokens, `1000wei` in the smallest unit.
 *
 * @param options what it is, for the error; whether it may be 0; the most that it may be, in wei
 * @throws CliError when it isn't one, is finer than the token, or could mean two numbers
 */
export function parseAmount(
  text: string,
  unit: TokenUnit,
  {
    field = 'The amount',
    mayBeZero = false,
    most,
  }: { field?: string; mayBeZero?: boolean; most?: bigint } = {},
): bigint {
  const read = readAmount(text, unit, most)
  const isZero = 'wei' in read && read.wei === 0n && !mayBeZero
  const fault = isZero ? { why: 'is not above 0', fix: 'Give an amount above 0.' } : read
  if ('wei' in fault) return fault.wei
  throw new CliError('usage', `${field} "${plainText(text)}" ${fault.why}.`, fault.fix)
}

/** Reads a task's number. @throws CliError when it isn't one */
export function parseTaskId(text: string): bigint {
  if (/^\d{1,19}$/.test(text) && BigInt(text) > 0n) return BigInt(text)
  throw new CliError(
    'usage',
    `The task "${plainText(text)}" is not a whole number from 1 on.`,
    'See which there are: assay task list.',
  )
}

/** Reads an address. @throws CliError when it isn't one */
export function parseAddress(text: string): `0x${string}` {
  if (isAddress(text)) return text
  throw new CliError(
    'usage',
    `"${plainText(text)}" is not an address (or its checksum is wrong).`,
    'Give 0x and 40 hexadecimal digits.',
  )
}

/** `2026-01-31 14:05:00 +01:00 (in 6 d 23 h)`: a time, and how long until then. */
export function deadlineText(unixSeconds: number, nowSeconds: number): string {
  const away = unixSeconds - nowSeconds
  return `${timeText(unixSeconds)} (${away > 0 ? `in ${durationText(away)}` : 'now'})`
}

/** `6 d 23 h`, `4 min 10 s`: the two largest units. */
export function durationText(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const parts: string[] = []
  let rest = seconds
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.trunc(rest / size)
    if (count > 0) parts.push(`${count} ${unit}`)
    rest -= count * size
  }
  return parts.join(' ')
}

/** `5000` bps as `50 %`. */
export function percentText(bps: number): string {
  return `${Number((bps / 100).toFixed(2))} %`
}

/** The text with a capital letter at its beginning, unless it begins with the name of a file. */
export function sentence(text: string): string {
  if (/[./\\\d]/.test(text.split(' ', 1)[0] ?? '')) return text
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** JSON with whole numbers of any size as decimal strings, and nothing in it that a terminal acts on. */
export function toJson(value: unknown): string {
  return plainJson(
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner), 2),
  )
}
