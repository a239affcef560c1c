import { CliError } from './failure.ts'

/** A parser of an option's whole number from 1 to `largest`. @throws CliError for anything else */
export function wholeNumber(option: string, largest: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : 0
    if (value >= 1 && value <= largest) return value
    throw new CliError(
      'usage',
      `${option} "${text}" is not a whole number from 1 to ${largest}.`,
      'Give digits only.',
    )
  }
}
