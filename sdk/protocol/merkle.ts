/**
 * Merkle trees as OpenZeppelin's MerkleProof verifies them: pairs are hashed in sorted order, leaves are hashed twice so
 * that no inner node can pass for one, an odd node is promoted unchanged.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Hash } from './random.ts'

/** The nodes of a tree by their height: the leaves first, the root last. */
export type MerkleTree = readonly (readonly Hash[])[]

/** Hash of a leaf: keccak256(keccak256(bytes)). */
export function hashLeaf(bytes: Uint8Array): Hash {
  return toHash(keccak_256(keccak_256(bytes)))
}

/**
 * Root of the tree over leaves that {@link hashLeaf} gave.
 *
 * @throws RangeError for no leaf.
 */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  return treeRoot(merkleTree(leaves))
}

/** The root of a tree. */
export function treeRoot(tree: MerkleTree): Hash {
  return tree.at(-1)![0]!
}

/**
 * Proof of leaf `index`: the siblings from the leaf up to the root.
 *
 * @throws RangeError for an index that has no leaf.
 */
export function merkleProof(leaves: readonly Hash[], index: number): Hash[] {
  return merkleProofs(leaves, [index])[0]!
}

/** The proofs of several leaves, from one computation of the tree. @throws RangeError like {@link merkleProof} */
export function merkleProofs(leaves: readonly Hash[], indices: readonly number[]): Hash[][] {
  return treeProofs(merkleTree(leaves), indices)
}

/** The proofs of several leaves of a tree. @throws RangeError like {@link merkleProof} */
export function treeProofs(tree: MerkleTree, indices: readonly number[]): Hash[][] {
  const count = tree[0]!.length
  const outside = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= count)
  if (outside !== undefined) throw new RangeError(`leaf ${outside} of a tree of ${count} leaves`)
  return indices.map((index) => tree.flatMap((level, height) => level[(index >> height) ^ 1] ?? []))
}

/** Whether `leaf` is in the tree with this root. */
export function verifyMerkleProof(root: Hash, leaf: Hash, proof: readonly Hash[]): boolean {
  return provenRoot(leaf, proof) === root
}

/** Root of the tree that a proof puts `leaf` in. */
export function provenRoot(leaf: Hash, proof: readonly Hash[]): Hash {
  return proof.reduce(hashPair, leaf)
}

/** {@link provenRoot} of several leaves of one tree, whose nodes above them are hashed once. */
export function provenRoots(claims: readonly { leaf: Hash; proof: readonly Hash[] }[]): Hash[] {
  const known = new Map<string, Hash>()
  const parentOf = (a: Hash, b: Hash) => {
    const name = a < b ? a + b : b + a
    const parent = known.get(name) ?? hashPair(a, b)
    known.set(name, parent)
    return parent
  }
  return claims.map(({ leaf, proof }) => proof.reduce(parentOf, leaf))
}

/** The whole tree over leaves that {@link hashLeaf} gave. @throws RangeError for no leaf. */
export function merkleTree(leaves: readonly Hash[]): MerkleTree {
  if (leaves.length === 0) throw new RangeError('a Merkle tree needs at least one leaf')
  const levels: Hash[][] = [[...leaves]]
  for (let level = levels[0]!; level.length > 1; level = levels.at(-1)!) {
    const next: Hash[] = []
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1]
      next.push(right === undefined ? level[i]! : hashPair(level[i]!, right))
    }
    levels.push(next)
  }
  return levels
}

function hashPair(a: Hash, b: Hash): Hash {
  const [first, second] = a < b ? [a, b] : [b, a]
  return toHash(keccak_256(hexToBytes(first.slice(2) + second.slice(2))))
}

function toHash(bytes: Uint8Array): Hash {
  return `0x${bytesToHex(bytes)}`
}
