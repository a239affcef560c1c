import { readFile } from 'node:fs/promises'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import {
  type CanaryContract,
  type CanaryPlace,
  type CanaryTruth,
  canaryDigest,
} from '@assay/sdk/protocol/canary.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type Address, isAddress } from 'viem'
import { z } from 'zod4'
import { CliError } from './failure.ts'
import { parseJsonFile } from './json-file.ts'
import { addressOf, type KeyOptions } from './options.ts'

/** What a canary's commitment hides, and where it was made. Without it the canary can't be opened. */
export type CanaryFile = CanaryPlace & { at: CanaryContract; truth: CanaryTruth; salt: Hash }

const MOST_BPS = 10_000

const address = z.custom<Address>((text) => typeof text === 'string' && isAddress(text), {
  error: 'must be an address',
})
const qualityBps = z.int().min(0).max(MOST_BPS)
const schema = z.strictObject({
  format: z.literal('assay-canary-1'),
  chainId: z.int().positive(),
  canaries: address,
  owner: address,
  taskId: z.string().regex(/^[1-9]\d{0,18}$/, 'must be digits in quotation marks'),
  round: z.int().min(1).max(0xffff_ffff),
  contributor: address,
  hasOpening: z.boolean(),
  leastQualityBps: qualityBps,
  mostQualityBps: qualityBps,
  salt: z.custom<Hash>((text) => typeof text === 'string' && /^0x[0-9a-f]{64}$/.test(text), {
    error: 'must be 0x and 64 hexadecimal digits',
  }),
})

/** The commitment that the file's canary was made by. */
export function digestIn({ at, truth, salt, ...place }: CanaryFile): Hash {
  return canaryDigest(place, truth, { at, salt })
}

/** Keeps a canary's secret in a new file that only its owner can read. @throws the system's error, EEXIST if it is there */
export function writeCanaryFile(path: string, { at, truth, salt, ...place }: CanaryFile): Promise<void> {
  const { taskId, ...rest } = place
  const content = { format: 'assay-canary-1', ...at, ...rest, taskId: String(taskId), ...truth, salt }
  return writeWholeFile(path, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, isNew: true })
}

/** Reads a canary's file; undefined if there is none. @throws CliError when it can't be read, or holds something else */
export async function findCanaryFile(path: string): Promise<CanaryFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('usage', `The canary can't be read: ${reason}`, 'Check --file.')
  }
  return parseCanaryFile(text, path)
}

/** Reads a canary's file of this deployment. @throws CliError when there is none, or it is of another one */
export async function readCanaryFile(path: string, here: CanaryContract): Promise<CanaryFile> {
  const found = await findCanaryFile(path)
  if (found === undefined)
    throw new CliError('usage', `There is no file ${path}.`, 'Give the one that assay canary commit wrote.')
  requireHere(path, found, here)
  return found
}

/** @throws CliError when the file's canary is of another deployment */
export function requireHere(path: string, { at }: CanaryFile, here: CanaryContract): void {
  const isHere = at.chainId === here.chainId && at.canaries.toLowerCase() === here.canaries.toLowerCase()
  if (isHere) return
  throw new CliError(
    'usage',
    `${path} is of chain ${at.chainId} and contract ${at.canaries}, not of ${here.chainId} and ${here.canaries}.`,
    'Name its deployment with --network or --deployment.',
  )
}

/** @throws CliError unless the key that signs is the one that the canary names; with `--unsigned` nothing is asked */
export async function requireKeyOf(
  options: KeyOptions,
  file: CanaryFile,
  who: 'owner' | 'contributor',
): Promise<void> {
  if (options.unsigned) return
  const [signer, needed] = [await addressOf(options), file[who]]
  if (signer.toLowerCase() === needed.toLowerCase()) return
  throw new CliError(
    'usage',
    `This key is of ${signer}, but the canary's ${who} is ${needed}.`,
    `Sign with the ${who}'s key.`,
  )
}

/** Parses a canary's file. @throws CliError that names each missing, unknown or malformed field */
export function parseCanaryFile(text: string, path: string): CanaryFile {
  const { chainId, canaries, owner, taskId, round, contributor, salt, ...rest } = parseJsonFile(text, {
    file: path,
    schema,
    isNot: 'holds no canary',
    fix: 'Give the one that assay canary commit wrote.',
  })
  const { hasOpening, leastQualityBps, mostQualityBps } = rest
  return {
    at: { chainId, canaries },
    owner,
    taskId: BigInt(taskId),
    round,
    contributor,
    truth: { hasOpening, leastQualityBps, mostQualityBps },
    salt,
  }
}
