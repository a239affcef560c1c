import { CliError } from './failure.ts'

/** A parser of an option's whole number from `least`, 1 by default, to `largest`. @throws CliError for anything else */
export function wholeNumber(option: string, largest: number, least = 1): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
    if (value >= least && value <= largest) return value
    throw new CliError(
      'usage',
      `${option} "${text}" is not a whole number from ${least} to ${largest}.`,
      'Give digits only.',
    )
  }
}
