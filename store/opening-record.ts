import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { isAddress } from 'viem/utils'
import { z } from 'zod'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'
import { type Address, openingKey, unreadableRecord } from './records.ts'

/**
 * What a contributor publishes after the seal: everything that its commitment hashes, and a proof that the update is
 * the last state of the training trace.
 */
export type Opening = {
  chainId: number
  /** The Rounds contract. */
  rounds: Address
  taskId: bigint
  round: number
  contributor: Address
  /** sha256 of the blob of the model that was trained from. */
  baseModelHash: Hash
  /** sha256 of the update's blob. */
  updateHash: Hash
  /** Root of the tree over the states at the borders of the windows. */
  stateRoot: Hash
  /** Optimizer steps done. */
  steps: number
  /** Root of the tree over the contributor's samples. */
  dataRoot: Hash
  salt: Hash
  /** State hash of the update, with its proof. The commitment doesn't cover it: check it against `stateRoot`. */
  finalState: { stateHash: Hash; proof: Hash[] }
}

const hash = z.custom<Hash>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'a 32-byte hash',
)
const address = z.custom<Address>(
  (value) => typeof value === 'string' && isAddress(value),
  'an address in lower case or with its checksum',
)
const uint64 = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,19})$/)
  .transform(BigInt)
  .refine((value) => value < 2n ** 64n, 'a number below 2^64')
const uint32 = z.int().min(0).max(0xffffffff)

// The limits are those of the Solidity types, so that whatever passes can be hashed.
const openingSchema = z.strictObject({
  chainId: z.int().min(1),
  rounds: address,
  taskId: uint64,
  round: uint32,
  contributor: address,
  baseModelHash: hash,
  updateHash: hash,
  stateRoot: hash,
  steps: uint32,
  dataRoot: hash,
  salt: hash,
  finalState: z.strictObject({ stateHash: hash, proof: z.array(hash).max(64) }),
})

/** The opening as the bytes of its record: JSON, the task's id as a decimal string. */
export function encodeOpening(opening: Opening): Uint8Array {
  const { taskId, ...rest } = opening
  return new TextEncoder().encode(JSON.stringify({ taskId: `${taskId}`, ...rest }))
}

/**
 * Parses an opening record and checks that it hashes to the commitment.
 *
 * @throws StoreError 'record-refused', and no other error, whatever the bytes are
 */
export function decodeOpening(bytes: Uint8Array, commitment: Hash): Opening {
  const { opening, opened } = parseOpening(bytes, commitment)
  if (opened !== commitment.toLowerCase()) {
    throw new StoreError(
      'record-refused',
      `this opening hashes to ${opened}; the commitment is ${commitment}.`,
    )
  }
  return opening
}

/** The opening of a commitment, checked; undefined while nobody has published it. */
export async function fetchOpening(
  store: BlobStore,
  commitment: Hash,
  options?: ReadOptions,
): Promise<Opening | undefined> {
  const bytes = await store.getRecord(openingKey(commitment), options)
  return bytes && decodeOpening(bytes, commitment)
}

function parseOpening(bytes: Uint8Array, commitment: Hash): { opening: Opening; opened: Hash } {
  try {
    const opening = openingSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    return { opening, opened: submissionCommitment(opening) }
  } catch (cause) {
    throw unreadableRecord(`the record for ${commitment} is not an opening`, cause as Error)
  }
}
