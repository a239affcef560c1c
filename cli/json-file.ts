import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { z } from 'zod4'
import { CliError } from './failure.ts'
import { readTextFile } from './text-file.ts'

/** Of what is wrong with a file, in letters: the file's own names are in it. */
const LONGEST_FAULTS = 500

/** What a JSON file has to hold. */
type Kind<T> = {
  file: string
  schema: z.ZodType<T>
  /** What is said of a file that holds something else, after its name, for instance "holds no canary". */
  isNot: string
  fix: string
}

/** Reads the text file that an option names. @throws CliError when it can't be read */
export function readOptionFile(file: string, option: string): string {
  try {
    return readTextFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(
      'usage',
      `${file} can't be read: ${plainText(reason, LONGEST_FAULTS)}`,
      `Check ${option}.`,
    )
  }
}

/** Parses a file's JSON. @throws CliError that names each missing, unknown or malformed field */
export function parseJsonFile<T>(text: string, { file, schema, isNot, fix }: Kind<T>): T {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CliError('usage', `${file} is not JSON.`, fix)
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`)
  throw new CliError('usage', `${file} ${isNot} (${plainText(faults.join('; '), LONGEST_FAULTS)}).`, fix)
}
