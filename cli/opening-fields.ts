import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import type { OpeningFields } from '@assay/sdk/verbs/court/post-opening.ts'
import { z } from 'zod4'
import { CliError } from './failure.ts'
import { parseJsonFile, readOptionFile } from './json-file.ts'

const hash = z.custom<`0x${string}`>((text) => typeof text === 'string' && /^0x[0-9a-f]{64}$/.test(text), {
  error: 'must be 0x and 64 lowercase hexadecimal digits',
})
const schema = z.strictObject({
  baseModelHash: hash,
  updateHash: hash,
  stateRoot: hash,
  steps: z.int().min(0).max(4_294_967_295),
  dataRoot: hash,
  salt: hash,
})

/** Where the fields of a withheld opening come from: a stopped contributor's data directory, or a file. */
export type OpeningSource = { dataDir?: string; fields?: string }

/**
 * The fields that a case asks for.
 *
 * @throws CliError when there are none for its commitment, the file is malformed, or the daemon of the data directory runs
 */
export async function readOpeningFields(
  { dataDir, fields }: OpeningSource,
  facts: CaseFacts,
  { deployment }: AssayReader,
): Promise<OpeningFields> {
  if ((dataDir === undefined) === (fields === undefined)) {
    throw new CliError(
      'usage',
      'Give either --data-dir or --fields.',
      "--data-dir names a stopped contributor's folder, --fields a JSON file with the six fields.",
    )
  }
  if (dataDir !== undefined) return fieldsInFolder(dataDir, facts)
  const read = fieldsInFile(fields ?? '')
  const { taskId, round, defendant: contributor, accused } = facts
  const place = {
    chainId: deployment.chainId,
    rounds: deployment.contracts.rounds,
    taskId,
    round,
    contributor,
  }
  const commitment = submissionCommitment({ ...place, ...read })
  if (commitment === accused) return read
  throw new CliError(
    'failed',
    `The fields of ${fields} have the commitment ${commitment}, the submission has ${accused}.`,
    'Give the fields and the salt that this submission was made with.',
  )
}

function fieldsInFile(file: string): OpeningFields {
  return parseJsonFile(readOptionFile(file, '--fields'), {
    file,
    schema,
    isNot: 'has no fields of an opening',
    fix: 'Give JSON with baseModelHash, updateHash, stateRoot, steps, dataRoot and salt, and nothing else.',
  })
}

async function fieldsInFolder(
  dataDir: string,
  { taskId, round, accused }: CaseFacts,
): Promise<OpeningFields> {
  const path = join(dataDir, 'daemon.sqlite')
  if (!existsSync(path))
    throw new CliError('usage', `${dataDir} is not the folder of a daemon.`, 'Give its --data-dir.')
  // Loaded only here: the other verbs start faster without them.
  const { DatabaseSync } = await import('node:sqlite')
  const { findFields } = await import('@assay/contributor/work-log.ts')
  const db = new DatabaseSync(path, { timeout: 500 })
  try {
    const found = findFields(db, { taskId, round, commitment: accused })
    if (found !== undefined) return found
    throw new CliError(
      'failed',
      `${dataDir} has no work with the commitment ${accused}, of round ${round} of task ${taskId}.`,
      'Give the folder of the contributor that submitted it, or its fields with --fields.',
    )
  } catch (error) {
    if (error instanceof CliError) throw error
    if (/no such table/.test(String(error)))
      throw new CliError('usage', `${dataDir} is not the folder of a contributor.`, 'Give its --data-dir.')
    if (!/locked|busy/i.test(String(error))) throw error
    throw new CliError('tryAgain', `${path} is in use: the daemon runs.`, 'It answers cases by itself.')
  } finally {
    db.close()
  }
}
