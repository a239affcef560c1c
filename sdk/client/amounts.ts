import { formatUnits, parseUnits } from 'viem'

/** How amounts of a token are written. */
export type TokenUnit = { symbol: string; decimals: number }

export const ASSAY: TokenUnit = { symbol: 'ASSAY', decimals: 18 }
export const ETHER: TokenUnit = { symbol: 'ETH', decimals: 18 }

const SIGNIFICANT_DIGITS = 6
/** The most that a call can name. */
const LARGEST_WEI = 2n ** 256n - 1n

/**
 * How an amount that isn't shown with all its digits is rounded: what somebody needs at least goes up, what somebody can have at
 * most goes down.
 */
export type Rounding = 'nearest' | 'up' | 'down' | 'exact'

/**
 * `1,234.5 ASSAY`, rounded to six significant digits unless it is to be exact; never with an exponent. Commas separate thousands
 * only where nobody can take one for a decimal point: beside a point, or beside another comma.
 */
export function amountText(wei: bigint, unit: TokenUnit, rounding: Rounding = 'nearest'): string {
  return `${digitsOf(rounded(wei, rounding, SIGNIFICANT_DIGITS), unit)} ${unit.symbol}`
}

/** Amounts that are compared, rounded only as far as those that differ still look different. */
export function amountTexts(amounts: readonly bigint[], unit: TokenUnit): string[] {
  const different = new Set(amounts).size
  for (let digits = SIGNIFICANT_DIGITS; ; digits++) {
    const texts = amounts.map((wei) => digitsOf(rounded(wei, 'nearest', digits), unit))
    if (new Set(texts).size === different) return texts.map((text) => `${text} ${unit.symbol}`)
  }
}

/** An amount as somebody types it on a command line, rounded as for {@link amountText}. */
export function typedAmount(wei: bigint, unit: TokenUnit, rounding: Rounding): string {
  return formatUnits(rounded(wei, rounding, SIGNIFICANT_DIGITS), unit.decimals)
}

function rounded(wei: bigint, rounding: Rounding, digits: number): bigint {
  const step = 10n ** BigInt(Math.max(0, String(wei).length - digits))
  if (rounding === 'exact' || wei % step === 0n) return wei
  const added = { nearest: step / 2n, up: step - 1n, down: 0n }[rounding]
  return ((wei + added) / step) * step
}

function digitsOf(wei: bigint, { decimals }: TokenUnit): string {
  const [whole = '0', fraction] = formatUnits(wei, decimals).split('.')
  const isUnmistakable = fraction !== undefined || whole.length > 6
  const grouped = isUnmistakable ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** A number of tokens: digits and at most one point; thousands separated by `_`, or by `,` where that can be no point. */
const NUMBER =
  /^(?:(?<whole>\d+|[1-9]\d{0,2}(?:_\d{3})+|[1-9]\d{0,2}(?:,\d{3}){2,})(?:\.(?<part>\d+))?|(?<before>[1-9]\d{0,2}(?:,\d{3})+)\.(?<after>\d+))$/
/** The same without a point, in the smallest unit. */
const WEI = /^(\d+|[1-9]\d{0,2}(?:_\d{3})+|[1-9]\d{0,2}(?:,\d{3}){2,})wei$/

/** An amount, or why it is none and how to write it. */
export type ReadAmount = { wei: bigint } | { why: string; fix: string }

/**
 * Reads an amount that a person typed: `12.5` in tokens, `1000wei` in the smallest unit. What could mean two numbers is refused.
 *
 * @param most wei, by default the most that a call can name
 */
export function readAmount(text: string, unit: TokenUnit, most = LARGEST_WEI): ReadAmount {
  const read = readNumber(text.trim(), unit)
  if (!('wei' in read)) return read
  const { wei } = read
  // Whoever typed 10^1000 doesn't get it back in full.
  if (wei > most) {
    return { why: `is more than ${amountText(most, unit, 'down')}`, fix: 'Give a smaller amount.' }
  }
  return read
}

function readNumber(text: string, unit: TokenUnit): ReadAmount {
  const [, smallest] = WEI.exec(text) ?? []
  if (smallest !== undefined) return { wei: BigInt(smallest.replaceAll(/[_,]/g, '')) }
  const { whole, part, before, after } = NUMBER.exec(text)?.groups ?? {}
  const digits = (whole ?? before)?.replaceAll(/[_,]/g, '')
  const fraction = part ?? after ?? ''
  if (digits === undefined) return mistaken(text, unit)
  if (fraction.length > unit.decimals) {
    const { decimals, symbol } = unit
    const fix = decimals === 0 ? 'Give a whole number.' : `Give at most ${decimals} digits after the point.`
    return { why: `has ${fraction.length} decimals, and ${symbol} has ${decimals}`, fix }
  }
  return { wei: parseUnits(fraction === '' ? digits : `${digits}.${fraction}`, unit.decimals) }
}

function mistaken(text: string, { symbol }: TokenUnit): ReadAmount {
  const [, before, after] = /^(\d{1,20}),(\d{1,20})$/.exec(text) ?? []
  if (before !== undefined && after !== undefined) {
    return {
      why: 'has a comma that may be a decimal point, or separate thousands',
      fix: `Write ${before}.${after} or ${before}${after}.`,
    }
  }
  return {
    why: `is not a number of ${symbol}`,
    fix: 'Write digits with at most one point, such as 1500 or 0.5; 1000wei are 1000 of the smallest unit.',
  }
}
