import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { CliError } from './failure.ts'

/** Writes a file as a whole or not at all. @throws CliError when one is there already, unless `force` replaces it */
export async function writeNewFile(out: string, bytes: Uint8Array, force = false): Promise<void> {
  try {
    await writeWholeFile(out, bytes, { isNew: !force })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CliError(
      'usage',
      `${out} is there already.`,
      'Give --out another name, or replace it with --force.',
    )
  }
}
