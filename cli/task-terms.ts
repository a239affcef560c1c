import { plainText } from '@assay/sdk/client/plain-text.ts'
import { type Address, isAddress } from 'viem'
import { z } from 'zod4'
import { CliError } from './failure.ts'
import { readTextFile } from './text-file.ts'

const amount = z.string({ error: 'must be an amount in quotation marks, such as "0.01"' })
const count = z.int().nonnegative()
const termsSchema = z.strictObject({
  rewardToken: z.custom<'ASSAY' | Address>(
    (text) => text === 'ASSAY' || (typeof text === 'string' && isAddress(text)),
    'must be ASSAY or the address of a token',
  ),
  priceCompute: amount,
  priceData: amount,
  priceValidation: amount,
  dataUnitsLimit: count,
  slots: count,
  committeeSize: count,
  minContributors: count,
  maxRounds: count,
  submitSeconds: count,
  openSeconds: count,
  commitSeconds: count,
  revealSeconds: count,
  aggregateSeconds: count,
  challengeSeconds: count,
  earlyBonusBps: count,
  earlyBonusRounds: count,
  enrolmentFee: amount,
  contributorStake: amount,
  minValidatorStake: amount,
})

/** Of what is wrong with a file, in letters: the file's own names are in it. */
const LONGEST_FAULTS = 500

/** What a task owner decides beyond the package. */
export type Terms = z.infer<typeof termsSchema>

/** An example of terms that work, for the help. */
export const TERMS_EXAMPLE = JSON.stringify(
  {
    rewardToken: 'ASSAY',
    priceCompute: '0.000001',
    priceData: '0.01',
    priceValidation: '0.05',
    dataUnitsLimit: 5000,
    slots: 64,
    committeeSize: 5,
    minContributors: 8,
    maxRounds: 100,
    submitSeconds: 3600,
    openSeconds: 600,
    commitSeconds: 1200,
    revealSeconds: 600,
    aggregateSeconds: 600,
    challengeSeconds: 7200,
    earlyBonusBps: 15000,
    earlyBonusRounds: 20,
    enrolmentFee: '1',
    contributorStake: '200',
    minValidatorStake: '1000',
  },
  undefined,
  2,
)

/** Reads the file that `--terms` names. @throws CliError when it can't be read, and as {@link parseTerms} */
export function readTerms(file: string): Terms {
  return parseTerms(textOf(file), file)
}

function textOf(file: string): string {
  try {
    return readTextFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      `The terms can't be read: ${reason}`,
      'Check --terms; assay task create --help shows them.',
    )
  }
}

/** Parses the terms' JSON. @throws CliError that names each missing, unknown or malformed field */
export function parseTerms(text: string, file: string): Terms {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CliError('usage', `${file} is not JSON.`, 'assay task create --help shows an example.')
  }
  const parsed = termsSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`)
  throw new CliError(
    'usage',
    `${file} does not hold the terms of a task (${plainText(faults.join('; '), LONGEST_FAULTS)}).`,
    'assay task create --help shows an example.',
  )
}
