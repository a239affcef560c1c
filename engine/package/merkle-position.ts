/** The place of a leaf in a Merkle tree whose odd nodes are promoted (sdk/protocol/merkle.ts). */

/** A leaf's place as a uint256, big-endian. */
export function indexBytes(index: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setBigUint64(24, BigInt(index))
  return bytes
}

/**
 * Length of the proof of leaf `index` in a tree of `leafCount` leaves.
 *
 * Pairs are hashed in sorted order, so a proof does not tell its leaf's place; the leaf itself does. If proofs of any length were
 * accepted, a tree could hold two leaves that both claim place i, and its owner could show either. In a binary tree
 * Σ 2^-depth ≤ 1, with equality when every place has one leaf at its proper depth (Kraft). With lengths enforced, a second leaf
 * for one place therefore leaves another place without any leaf that can be shown.
 */
export function expectedProofLength(index: number, leafCount: number): number {
  let length = 0
  let at = index
  for (let width = leafCount; width > 1; width = Math.ceil(width / 2)) {
    const promoted = at === width - 1 && width % 2 === 1
    if (!promoted) length++
    at = Math.floor(at / 2)
  }
  return length
}
