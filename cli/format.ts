import { formatUnits, isAddress, parseUnits } from 'viem'
import { CliError } from './failure.ts'

/** How amounts of a token are shown to people. */
export interface TokenUnit {
  symbol: string
  decimals: number
}

export const ASSAY: TokenUnit = { symbol: 'ASSAY', decimals: 18 }
export const ETHER: TokenUnit = { symbol: 'ETH', decimals: 18 }

/** `1,234.5 ASSAY`: all digits, never an exponent. */
export function amountText(wei: bigint, { symbol, decimals }: TokenUnit): string {
  const [whole = '0', fraction] = formatUnits(wei, decimals).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ${symbol}`
}

/**
 * Reads an amount: `12.5` in tokens, `1000wei` in the smallest unit.
 * @param field what it is, for the error
 * @throws CliError when it isn't a positive number or finer than the token
 */
export function parseAmount(text: string, { symbol, decimals }: TokenUnit, field = 'The amount'): bigint {
  const match = /^(\d[\d_,]*)(?:\.(\d+))?(wei)?$/.exec(text.trim())
  const [, whole = '', fraction = '', wei] = match ?? []
  const digits = whole.replaceAll(/[_,]/g, '')
  if (match !== null && !(wei !== undefined && fraction !== '') && fraction.length <= decimals) {
    const value = wei === undefined ? parseUnits(`${digits}.${fraction || '0'}`, decimals) : BigInt(digits)
    if (value > 0n) return value
  }
  throw new CliError(
    'usage',
    `${field} "${text}" is not a number of ${symbol} above 0 with at most ${decimals} decimals.`,
    `Give one such as 100 or 0.5, or 1000wei for the smallest unit.`,
  )
}

/** Reads a task's number. @throws CliError when it isn't one */
export function parseTaskId(text: string): bigint {
  if (/^\d{1,19}$/.test(text) && BigInt(text) > 0n) return BigInt(text)
  throw new CliError(
    'usage',
    `The task "${text}" is not a whole number from 1 on.`,
    'See which there are: assay task list.',
  )
}

/** Reads an address. @throws CliError when it isn't one */
export function parseAddress(text: string): `0x${string}` {
  if (isAddress(text)) return text
  throw new CliError(
    'usage',
    `"${text}" is not an address (or its checksum is wrong).`,
    'Give 0x and 40 hexadecimal digits.',
  )
}

/** `2026-01-31 14:05:00 +01:00 (in 6 d 23 h)`: local time, and how long until then. */
export function timeText(unixSeconds: number, nowSeconds: number): string {
  const date = new Date(unixSeconds * 1000)
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  const away = unixSeconds - nowSeconds
  return `${day} ${time} ${zone} (${away > 0 ? `in ${durationText(away)}` : 'now'})`
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

/** JSON with whole numbers of any size as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner), 2)
}
