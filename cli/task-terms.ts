import { type Address, isAddress } from 'viem'
import { z } from 'zod4'
import { parseJsonFile, readOptionFile } from './json-file.ts'

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
  return parseTerms(readOptionFile(file, '--terms; assay task create --help shows them'), file)
}

/** Parses the terms' JSON. @throws CliError that names each missing, unknown or malformed field */
export function parseTerms(text: string, file: string): Terms {
  return parseJsonFile(text, {
    file,
    schema: termsSchema,
    isNot: 'does not hold the terms of a task',
    fix: 'assay task create --help shows an example.',
  })
}
