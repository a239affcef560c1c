/** The proof that an account submitted a commitment: the page of its submission, of which the chain keeps the digest. */
import type { Address } from 'viem'
import type { Hash } from './random.ts'

/** Submissions of a page, as in StorageKeys.sol. */
const PAGE_SIZE = 32

/** What {@link pageDigest} is made of, and which submission of the round it is about. */
export type PageProof = {
  /** Of the submission in its round, from 0. */
  index: bigint
  contributors: Address[]
  commitments: Hash[]
}

/**
 * The proof of one submission.
 *
 * @param submissions all of the round, by index
 * @param index of the one to prove
 * @throws RangeError when the round has no such submission
 */
export function pageProof(
  submissions: readonly { contributor: Address; commitment: Hash }[],
  index: number,
): PageProof {
  if (!Number.isInteger(index) || index < 0 || index >= submissions.length)
    throw new RangeError(`submission ${index} of ${submissions.length}: they count from 0`)
  const first = index - (index % PAGE_SIZE)
  const page = submissions.slice(first, first + PAGE_SIZE)
  return {
    index: BigInt(index),
    contributors: page.map(({ contributor }) => contributor),
    commitments: page.map(({ commitment }) => commitment),
  }
}

/** The commitment that a proof is about. @throws RangeError for a page without it */
export function commitmentIn({ index, commitments }: PageProof): Hash {
  const commitment = commitments[Number(index) % PAGE_SIZE]
  if (commitment === undefined) throw new RangeError(`the page has no submission ${index}`)
  return commitment
}
