/** What a contributor commits to at enrolment. The twin of contracts/libraries/DataRoots.sol. */
import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import type { Hash } from './random.ts'

const CONTENT = parseAbiParameters('bytes32, uint256')

/**
 * The data root: keccak256(abi.encode(sampleRoot, sampleCount)). A Merkle root alone does not tell how many leaves it has, and the
 * order of the batches follows from that number: with it in the hash, both are proven from one word of the chain.
 *
 * @param sampleRoot Merkle root over the salted samples
 */
export function dataRootOf(sampleRoot: Hash, sampleCount: number): Hash {
  return keccak256(encodeAbiParameters(CONTENT, [sampleRoot, BigInt(sampleCount)]))
}
