import { plainText } from '@assay/sdk/client/plain-text.ts'
import { CliError } from './failure.ts'

/** Reads a case's number. @throws CliError when it isn't one */
export function parseCaseId(text: string): bigint {
  if (/^\d{1,19}$/.test(text) && BigInt(text) > 0n) return BigInt(text)
  throw new CliError(
    'usage',
    `The case "${plainText(text)}" is not a whole number from 1 on.`,
    'See which there are: assay case list.',
  )
}
