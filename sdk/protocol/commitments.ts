/** Commitments and digests. Every commitment binds its chain, contract, task, round and sender. */
import {
  type Address,
  encodeAbiParameters,
  keccak256,
  parseAbiParameters,
  type TypedDataDomain,
  zeroHash,
} from 'viem'
import type { Hash } from './random.ts'

/** Where a commitment counts: what is signed or committed for one place is not valid at another. */
export type CommitmentPlace = { chainId: number; rounds: Address; taskId: bigint; round: number }

const SUBMISSION = parseAbiParameters(
  'uint256, address, uint64, uint32, address, bytes32, bytes32, bytes32, uint32, bytes32, bytes32',
)
const PAGE = parseAbiParameters('bytes32, address, bytes32')
const SHEET = parseAbiParameters('uint32[], uint256[]')
const SCORES = parseAbiParameters('uint256, address, uint64, uint32, uint8, address, bytes32, bytes32')

/** What a contributor commits to. */
export type SubmissionContent = CommitmentPlace & {
  contributor: Address
  /** sha256 of the serialized base model. */
  baseModelHash: Hash
  /** sha256 of the update's blob. */
  updateHash: Hash
  /** Merkle root over the state hashes of the trace. */
  stateRoot: Hash
  steps: number
  dataRoot: Hash
  /** 32 random bytes, so that nobody can guess the content. */
  salt: Hash
}

/** Commitment of a submission: keccak256 of the abi-encoded fields. */
export function submissionCommitment(content: SubmissionContent): Hash {
  const { chainId, rounds, taskId, round, contributor } = content
  const { baseModelHash, updateHash, stateRoot, steps, dataRoot, salt } = content
  return keccak256(
    encodeAbiParameters(SUBMISSION, [
      BigInt(chainId),
      rounds,
      taskId,
      round,
      contributor,
      baseModelHash,
      updateHash,
      stateRoot,
      steps,
      dataRoot,
      salt,
    ]),
  )
}

/** Digest of one page of at most 32 submissions, in their order. */
export function pageDigest(submissions: readonly { contributor: Address; commitment: Hash }[]): Hash {
  return submissions.reduce<Hash>(
    (digest, { contributor, commitment }) =>
      keccak256(encodeAbiParameters(PAGE, [digest, contributor, commitment])),
    zeroHash,
  )
}

/** Hash of all score sheets of one validator: two words a cohort, in the cohorts' order. */
export function sheetHash(cohorts: readonly number[], words: readonly bigint[]): Hash {
  if (words.length !== 2 * cohorts.length) {
    throw new RangeError(`${words.length} words for ${cohorts.length} cohorts: give two a cohort`)
  }
  return keccak256(encodeAbiParameters(SHEET, [cohorts, words]))
}

/** What a validator commits to in one attempt. */
export type ScoreContent = CommitmentPlace & {
  attempt: 0 | 1
  validator: Address
  cohorts: readonly number[]
  words: readonly bigint[]
  salt: Hash
}

/** Commitment of a validator's scores. */
export function scoreCommitment(content: ScoreContent): Hash {
  const { chainId, rounds, taskId, round, attempt, validator, cohorts, words, salt } = content
  const sheets = sheetHash(cohorts, words)
  return keccak256(
    encodeAbiParameters(SCORES, [BigInt(chainId), rounds, taskId, round, attempt, validator, sheets, salt]),
  )
}

/** EIP-712 domain of Rounds. */
export function roundsDomain(chainId: number, rounds: Address) {
  return {
    name: 'Assay Rounds',
    version: '1',
    chainId,
    verifyingContract: rounds,
  } as const satisfies TypedDataDomain
}

/** EIP-712 typed data that a contributor signs so that anyone can relay its submission. */
export function submissionTypedData(submission: CommitmentPlace & { commitment: Hash }) {
  const { chainId, rounds, taskId, round, commitment } = submission
  return {
    domain: roundsDomain(chainId, rounds),
    types: {
      Submission: [
        { name: 'taskId', type: 'uint64' },
        { name: 'round', type: 'uint32' },
        { name: 'commitment', type: 'bytes32' },
      ],
    },
    primaryType: 'Submission',
    message: { taskId, round, commitment },
  } as const
}

/** A vote as the chain stores it: the low 224 bits of the hash. */
export function voteOf(hash: Hash): bigint {
  return BigInt(hash) & ((1n << 224n) - 1n)
}
