import { expect } from 'chai'
import fc from 'fast-check'
import { concat, encodeAbiParameters, keccak256, toBytes, toHex } from 'viem'
import {
  hashLeaf,
  merkleProof,
  merkleProofs,
  merkleRoot,
  merkleTree,
  provenRoot,
  provenRoots,
  treeProofs,
  treeRoot,
  verifyMerkleProof,
} from './merkle.ts'

const leafOf = (text: string) => hashLeaf(new TextEncoder().encode(text))
const leaves = (count: number) => Array.from({ length: count }, (_, i) => leafOf(`leaf ${i}`))

describe('Merkle trees', () => {
  it('hash a leaf twice', () => {
    expect(leafOf('a')).to.equal(keccak256(keccak256(toHex('a'))))
  })

  it('hash pairs in sorted order and promote an odd node', () => {
    const [a, b, c] = leaves(3) as [`0x${string}`, `0x${string}`, `0x${string}`]
    const [low, high] = a < b ? [a, b] : [b, a]
    const pair = keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [low, high]))
    expect(merkleRoot([a, b])).to.equal(pair)
    expect(merkleProof([a, b, c], 2)).to.deep.equal([pair])
    expect(merkleRoot([a])).to.equal(a)
  })

  it('give many proofs at once, the same as one by one', () => {
    const tree = leaves(37)
    const indices = [0, 36, 5, 5, 32]
    expect(merkleProofs(tree, indices)).to.deep.equal(indices.map((index) => merkleProof(tree, index)))
    expect(() => merkleProofs(tree, [1, 37])).to.throw(RangeError, 'leaf 37 of a tree of 37')
  })

  it('prove every leaf, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (count, first, second) => {
        const tree = leaves(count)
        const index = first % count
        const root = merkleRoot(tree)
        const proof = merkleProof(tree, index)
        expect(verifyMerkleProof(root, tree[index]!, proof)).to.equal(true)
        expect(verifyMerkleProof(root, leafOf('stranger'), proof)).to.equal(false)
        if (proof.length > 0) {
          const tampered = proof.with(second % proof.length, leafOf('stranger'))
          expect(verifyMerkleProof(root, tree[index]!, tampered)).to.equal(false)
        }
      }),
      { seed: 7, numRuns: 100 },
    )
  })

  it('are climbed to together, the same as one by one, from wrong leaves too', () => {
    for (const count of [1, 2, 7, 32]) {
      const leaves = Array.from({ length: count }, (_, i) => hashLeaf(Uint8Array.of(i)))
      const tree = merkleTree(leaves)
      const wrong = hashLeaf(Uint8Array.of(99))
      const claims = treeProofs(tree, [...leaves.keys()]).flatMap((proof, i) => [
        { leaf: leaves[i]!, proof },
        { leaf: wrong, proof },
      ])
      expect(provenRoots(claims)).to.deep.equal(claims.map(({ leaf, proof }) => provenRoot(leaf, proof)))
      expect(provenRoots(claims)[0]).to.equal(treeRoot(tree))
    }
  })

  it('take no inner node for a leaf, and no odd leaf twice (attack 29)', () => {
    const tree = leaves(5)
    const root = merkleRoot(tree)
    // With the preimage of an inner node in place of a sample, the shorter proof would lead to the same root.
    const pair = [tree[0]!, tree[1]!].sort() as [`0x${string}`, `0x${string}`]
    const preimage = toBytes(concat(pair))
    const shorter = merkleProof(tree, 0).slice(1)
    expect(verifyMerkleProof(root, keccak256(preimage), shorter), 'the inner node itself').to.equal(true)
    expect(verifyMerkleProof(root, hashLeaf(preimage), shorter)).to.equal(false)

    // Trees that pair an odd node with itself have one root for two lists.
    expect(merkleRoot([...tree, tree[4]!])).not.to.equal(root)
    expect(verifyMerkleProof(root, tree[4]!, [tree[4]!, ...merkleProof(tree, 4)])).to.equal(false)
    expect(merkleProof(tree, 4)).to.have.length(1)
  })

  it('refuse an empty tree and a place without a leaf', () => {
    expect(() => merkleRoot([])).to.throw(RangeError, 'at least one leaf')
    expect(() => merkleProof(leaves(3), 3)).to.throw(RangeError, 'leaf 3 of a tree of 3 leaves')
    expect(() => merkleProof(leaves(3), -1)).to.throw(RangeError, 'leaf -1')
  })
})
