/** Canaries: submissions whose right judgement is committed to before the round. */
import { type Address, encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import type { Hash } from './random.ts'

/** In the order of the contract's enum. */
export const CANARY_STATUSES = ['none', 'committed', 'opened', 'withdrawn', 'burnt'] as const

export type CanaryStatus = (typeof CANARY_STATUSES)[number]

/** What seats should say of a submission. */
export type CanaryTruth = {
  /** False: nothing opens its commitment, so that it fails S0. */
  hasOpening: boolean
  /** Bounds of the right quality, 0 without an opening. */
  leastQualityBps: number
  mostQualityBps: number
}

/** The usual answers by name. */
export const CANARY_TRUTHS = {
  helps: { hasOpening: true, leastQualityBps: 1, mostQualityBps: 10_000 },
  useless: { hasOpening: true, leastQualityBps: 0, mostQualityBps: 0 },
  unopenable: { hasOpening: false, leastQualityBps: 0, mostQualityBps: 0 },
} as const satisfies Record<string, CanaryTruth>

/** Whose submission a canary is, for whom, in which round. */
export type CanaryPlace = { owner: Address; taskId: bigint; round: number; contributor: Address }

/** Where canaries are kept. */
export type CanaryContract = { chainId: number; canaries: Address }

const PLACE = 'uint256, address, address, uint64, uint32, address'
const HIDDEN = parseAbiParameters(`${PLACE}, bool, uint16, uint16, bytes32`)
const UNOPENABLE = parseAbiParameters(`${PLACE}, bytes32`)

/** What `commit` of the contract Canaries takes: it shows neither the contributor nor the answer. @param salt 32 random bytes */
export function canaryDigest(
  of: CanaryPlace,
  truth: CanaryTruth,
  { at, salt }: { at: CanaryContract; salt: Hash },
): Hash {
  const { hasOpening, leastQualityBps, mostQualityBps } = truth
  const hidden = [hasOpening, leastQualityBps, mostQualityBps, salt] as const
  return keccak256(encodeAbiParameters(HIDDEN, [...placeValues(of, at), ...hidden]))
}

/** What the contributor submits for a canary without an opening: a hash of seven words, where an opening has eleven. */
export function unopenableCommitment(
  of: CanaryPlace,
  { at, salt }: { at: CanaryContract; salt: Hash },
): Hash {
  return keccak256(encodeAbiParameters(UNOPENABLE, [...placeValues(of, at), salt]))
}

function placeValues({ owner, taskId, round, contributor }: CanaryPlace, at: CanaryContract) {
  return [BigInt(at.chainId), at.canaries, owner, taskId, round, contributor] as const
}
