import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import type { LocalAccount } from 'viem'
import { getAddress, isAddress } from 'viem/utils'
import { z } from 'zod4'
import { type BlobStore, type Hash, type ReadOptions, StoreError } from './blob-store.ts'
import { fetchRecord, hashSchema, parseRecord, requireSpelling } from './record-reading.ts'
import { type Address, openingKey } from './records.ts'
import { hashOf } from './sha256.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/**
 * What a contributor publishes after the seal: everything that its commitment hashes, and a proof that the update is
 * the last state of the training trace. Its signature covers what the commitment doesn't.
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
  /** Length of the update's blob. The signature covers it, the commitment doesn't. */
  updateSizeBytes: number
  /** State hash of the update, with its proof against `stateRoot`. The signature covers it, the commitment doesn't. */
  finalState: { stateHash: Hash; proof: Hash[] }
}

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
  baseModelHash: hashSchema,
  updateHash: hashSchema,
  stateRoot: hashSchema,
  steps: uint32,
  dataRoot: hashSchema,
  salt: hashSchema,
  updateSizeBytes: z.int().min(0),
  finalState: z.strictObject({ stateHash: hashSchema, proof: z.array(hashSchema).max(64) }),
  signature: signatureSchema,
})

/** Makes the bytes of an opening record. The same account and opening give the same bytes. */
export async function signOpening(opening: Opening, account: LocalAccount): Promise<Uint8Array> {
  return encode(opening, await account.signMessage({ message: openingMessage(opening) }))
}

/** The text that a contributor signs: the record's name, and the hash of all that it says. */
function openingMessage(opening: Opening): string {
  return `${openingKey(submissionCommitment(opening))}\n${hashOf(encode(opening, undefined))}`
}

/** The record in its only spelling, so that a stranger can't make another one of the same opening. */
function encode(opening: Opening, signature: Signature | undefined): Uint8Array {
  const { chainId, rounds, taskId, round, contributor, baseModelHash, updateHash, stateRoot } = opening
  const { steps, dataRoot, salt, updateSizeBytes } = opening
  const { stateHash, proof } = opening.finalState
  const spelled = {
    taskId: `${taskId}`,
    chainId,
    rounds: getAddress(rounds),
    round,
    contributor: getAddress(contributor),
    baseModelHash,
    updateHash,
    stateRoot,
    steps,
    dataRoot,
    salt,
    updateSizeBytes,
    finalState: { stateHash, proof },
    signature,
  }
  return new TextEncoder().encode(JSON.stringify(spelled))
}

/** Openings that were checked, by the hash of their bytes and commitment: each record of evidence asks for one again. */
const checked = new Map<string, Opening>()
const MOST_CHECKED = 256

/** Has openings checked anew: where one process plays several people, each has to do its own work. */
export function forgetCheckedOpenings(): void {
  checked.clear()
}

/**
 * Parses an opening record. Checks that it hashes to the commitment, and that the contributor signed all of it.
 *
 * @throws StoreError 'record-refused', and no other error, whatever the bytes are
 */
export async function decodeOpening(bytes: Uint8Array, commitment: Hash): Promise<Opening> {
  const name = `${hashOf(bytes)} ${commitment}`
  const opening = checked.get(name) ?? (await checkedOpening(bytes, commitment))
  if (checked.size === MOST_CHECKED) checked.clear()
  checked.set(name, opening)
  return { ...opening }
}

async function checkedOpening(bytes: Uint8Array, commitment: Hash): Promise<Opening> {
  const { opening, signature } = parseCommitted(bytes, commitment)
  requireSpelling(bytes, encode(opening, signature), `the opening of ${commitment}`)
  await requireSigner(
    { message: openingMessage(opening), signature },
    { signer: opening.contributor, what: openingKey(commitment) },
  )
  return opening
}

/**
 * The opening of a commitment, checked; undefined while nobody has published it. Of several stores, one without a valid
 * record is passed over.
 */
export async function fetchOpening(
  store: BlobStore,
  commitment: Hash,
  options: ReadOptions = {},
): Promise<Opening | undefined> {
  return fetchRecord(store, openingKey(commitment), (bytes) => decodeOpening(bytes, commitment), options)
}

/** What a commitment fixes of an opening. */
export type Committed = Omit<Opening, 'updateSizeBytes' | 'finalState'>

/**
 * What the commitment itself fixes, from whatever opening the store shows: it is the same in all of them, whoever wrote the record.
 * The rest is left out, and so is the signature, which covers nothing else and takes longer to check than all of this.
 *
 * @returns undefined while nobody has published an opening
 */
export async function fetchCommitted(
  store: BlobStore,
  commitment: Hash,
  options: ReadOptions = {},
): Promise<Committed | undefined> {
  return fetchRecord(
    store,
    openingKey(commitment),
    async (bytes) => {
      const { updateSizeBytes, finalState, ...committed } = parseCommitted(bytes, commitment).opening
      return committed
    },
    options,
  )
}

function parseCommitted(bytes: Uint8Array, commitment: Hash): ReturnType<typeof parseOpening> {
  const parsed = parseOpening(bytes, commitment)
  if (parsed.opened === commitment.toLowerCase()) return parsed
  throw new StoreError(
    'record-refused',
    `this opening hashes to ${parsed.opened}; the commitment is ${commitment}.`,
  )
}

function parseOpening(
  bytes: Uint8Array,
  commitment: Hash,
): { opening: Opening; signature: Signature; opened: Hash } {
  const read = (json: unknown) => {
    const { signature, ...opening } = openingSchema.parse(json)
    return { opening, signature, opened: submissionCommitment(opening) }
  }
  return parseRecord(bytes, read, `the record for ${commitment} is not an opening`)
}
