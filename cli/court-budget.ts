import { ASSAY } from '@assay/sdk/client/amounts.ts'
import { parseAmount } from './format.ts'

/** What a daemon may lose as bonds, in ASSAY wei. @throws CliError when it is no amount */
export function parseCourtBudget(text: string): bigint {
  return parseAmount(text, ASSAY, { field: '--court-budget', mayBeZero: true })
}
