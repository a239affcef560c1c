/** What single values of files mean. Numbers are read one way in all countries, so that all machines read the same. */

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const FORMULA = /^[=@]|^[+-](?=[^\d.])/
const LOCAL_NUMBER = /^[+-]?\d{1,3}([., '’]\d{3})*([.,]\d+)?$/
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i

/** The number that a text writes with a decimal point; undefined for any other text, and for one too large for a float64. */
export function numberIn(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** Whether spreadsheets would compute something for the text. Here it is a text like any other. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text)
}

/** What is wrong with a text that should be a number, and the fix. */
export function notANumber(text: string): string {
  if (text === '') return 'expected a number, and nothing stands there'
  if (DECIMAL.test(text)) return 'expected a number, at most 1.8e308'
  if (NOT_FINITE.test(text)) return 'expected a finite number'
  if (isFormula(text)) return 'expected a number, this is a formula: save the values instead'
  if (LOCAL_NUMBER.test(text))
    return 'expected a number with a decimal point and nothing between thousands, such as 1234.5'
  return 'expected a number'
}
