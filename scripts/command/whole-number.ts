import { UsageError } from './usage-error.ts'

/** @throws UsageError naming the option, its value, the limits and a fix */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(
    `--${option} is "${text}", but must be a whole number from ${least} to ${most}: give one, such as --${option} ${least}`,
  )
}
