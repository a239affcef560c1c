/** What a challenger commits to in a block before its accusation, so that nobody takes the reward by copying it. */
import { type Address, encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { CASE_KINDS, type CaseKind } from './cases.ts'
import type { Hash } from './random.ts'

/** How long a commitment lasts, as in Accusations.sol. */
export const COMMIT_SECONDS = 3_600

const ACCUSATION = parseAbiParameters('uint256, address, address, uint8, uint64, uint32, address, bytes32')

/** Who accuses whom, of which fault in which round. */
export type Accusation = {
  challenger: Address
  kind: CaseKind
  taskId: bigint
  round: number
  defendant: Address
}

/**
 * The commitment of an accusation.
 *
 * @param place.accusations the contract that takes it
 * @param salt 32 random bytes, so that nobody can guess what it is about
 */
export function accusationDigest(
  { challenger, kind, taskId, round, defendant }: Accusation,
  { chainId, accusations }: { chainId: number; accusations: Address },
  salt: Hash,
): Hash {
  const values = [
    BigInt(chainId),
    accusations,
    challenger,
    CASE_KINDS.indexOf(kind),
    taskId,
    round,
    defendant,
    salt,
  ] as const
  return keccak256(encodeAbiParameters(ACCUSATION, values))
}
