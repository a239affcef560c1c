/** What jurors report of a case, and how they commit to it. The contract's side is `contracts/Jury.sol`. */
import { type Address, encodeAbiParameters, keccak256, parseAbiParameters, toBytes } from 'viem'
import type { Hash } from './random.ts'

/** The juror's machine can't compute the value. It never counts for or against anyone. */
export const CANNOT_EXECUTE: Hash = `0x${'1'.padStart(64, '0')}`
/** The juror didn't get what it needs to compute the value. */
export const EVIDENCE_MISSING: Hash = `0x${'2'.padStart(64, '0')}`
/** The juror can't get the update that the accused of a score case has scored. */
export const UPDATE_UNAVAILABLE: Hash = `0x${'3'.padStart(64, '0')}`

/** Whether a report says that something wasn't there. Nobody is wrong who doesn't say so too. */
export const isAbsence = (report: Hash): boolean =>
  report === EVIDENCE_MISSING || report === UPDATE_UNAVAILABLE
/** A reader got the window, and it ends in the committed state. Twin: `contracts/libraries/Readings.sol`. */
export const WINDOW_GOOD: Hash = `0x${'4'.padStart(64, '0')}`
/** A reader got the window, proven against the commitment, and it ends in another state. */
export const WINDOW_DIFFERS: Hash = `0x${'5'.padStart(64, '0')}`

/** What a juror reports of a panel's question. */
export type JuryVote = {
  /** The value that it computed, or {@link CANNOT_EXECUTE}, {@link EVIDENCE_MISSING} or {@link UPDATE_UNAVAILABLE}. */
  result: Hash
  /** From {@link witnessOf}; zero where nothing was computed. */
  witness: Hash
  /** 32 secret bytes. */
  salt: Hash
}

const COMMITMENT = parseAbiParameters('uint256, address, uint256, address, bytes32, bytes32, bytes32')

/** What a juror commits to before it reveals its vote. */
export function juryVoteCommitment(
  { chainId, jury, panelId, juror }: { chainId: number; jury: Address; panelId: bigint; juror: Address },
  { result, witness, salt }: JuryVote,
): Hash {
  return keccak256(
    encodeAbiParameters(COMMITMENT, [BigInt(chainId), jury, panelId, juror, result, witness, salt]),
  )
}

/**
 * Shows that a juror computed a value itself: the hash of its account and of all values on the way. Whoever only guesses the value, or
 * copies a witness, is found out by anyone who computes it, too.
 *
 * @param values on the way to the result, always in the same order and form
 */
export function witnessOf(juror: Address, values: Uint8Array): Hash {
  const account = toBytes(juror)
  const bytes = new Uint8Array(account.length + values.length)
  bytes.set(account)
  bytes.set(values, account.length)
  return keccak256(bytes)
}
