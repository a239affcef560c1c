/** What the tables of error texts are written with. */
import { formatEther } from 'viem'

type Values = Record<string, unknown>
export type ErrorText = { message: (values: Values) => string; fix: (values: Values) => string }

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
export const text = (
  message: (values: Values) => string,
  fix: string | ((values: Values) => string),
): ErrorText => ({
  message,
  fix: typeof fix === 'string' ? () => fix : fix,
})
export const assay = (value: unknown): string => `${formatEther(BigInt(value as bigint))} ASSAY`
export const time = (seconds: unknown): string => {
  const ms = Number(seconds) * 1_000
  return ms <= 8.64e15
    ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    : `second ${seconds}`
}
/** The contracts' value for the time at which a round that is still open is final. */
export const NEVER = 2n ** 256n - 1n
export const phase = (value: unknown): string => PHASES[Number(value)] ?? `in phase ${value}`
export const role = (value: unknown): string => ROLES[Number(value)] ?? `role ${value}`
