/** What the tables of error texts are written with. */
import { ASSAY, amountText, amountTexts, type Rounding, type TokenUnit } from '../amounts.ts'
import { timeText } from '../times.ts'

type Values = Record<string, unknown>
/** @param unit of the amounts that aren't ASSAY; without it they are told in wei */
type Telling = (values: Values, unit?: TokenUnit) => string
export type ErrorText = { message: Telling; fix: Telling }

const PHASES = [
  'idle',
  'accepting submissions',
  'waiting for its submissions to be closed',
  'waiting for its seal',
  'in the open phase',
  'in the score commit phase',
  'in the score reveal phase',
  'in the redraw commit phase',
  'in the redraw reveal phase',
  'waiting to be settled',
  'in the cohort vote',
  'in the root vote',
  'waiting to be finalized',
]
const ROLES = ['no role', 'contributor', 'validator']

export const REPORT = 'This must not happen: please report it with the transaction.'
export const text = (message: Telling, fix: string | Telling): ErrorText => ({
  message,
  fix: typeof fix === 'string' ? () => fix : fix,
})
const big = (value: unknown): bigint => BigInt(value as bigint)
/** An amount of ASSAY; what is needed at least is rounded up, what is possible at most down. */
export const assay = (value: unknown, rounding?: Rounding): string => amountText(big(value), ASSAY, rounding)
/** Amounts of ASSAY that the sentence compares. */
export const assays = (...values: unknown[]): string[] => amountTexts(values.map(big), ASSAY)
/** Amounts of another token that the sentence compares. */
export const tokens = (unit: TokenUnit | undefined, ...values: unknown[]): string[] =>
  unit === undefined ? values.map((value) => `${value} wei`) : amountTexts(values.map(big), unit)
/** An amount of another token; what is needed at least is rounded up, what is possible at most down. */
export const tokensRounded = (unit: TokenUnit | undefined, value: unknown, rounding: Rounding): string =>
  unit === undefined ? `${value} wei` : amountText(big(value), unit, rounding)
export const time = (seconds: unknown): string => timeText(big(seconds))
/** The contracts' value for the time at which a round that is still open is final. */
export const NEVER = 2n ** 256n - 1n
export const phase = (value: unknown): string => PHASES[Number(value)] ?? `in phase ${value}`
export const role = (value: unknown): string => ROLES[Number(value)] ?? `role ${value}`
