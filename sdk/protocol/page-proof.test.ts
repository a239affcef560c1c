import { expect } from 'chai'
import { keccak256, numberToHex } from 'viem'
import { pageDigest } from './commitments.ts'
import { commitmentIn, pageProof } from './page-proof.ts'

const submissions = Array.from({ length: 70 }, (_, i) => ({
  contributor: numberToHex(i + 1, { size: 20 }),
  commitment: keccak256(numberToHex(i)),
}))

describe('The proof of a submission', () => {
  it('is the whole page that the submission is in', () => {
    for (const [index, from, to] of [
      [0, 0, 32],
      [31, 0, 32],
      [32, 32, 64],
      [69, 64, 70],
    ] as const) {
      const proof = pageProof(submissions, index)
      const page = submissions.slice(from, to)
      expect(proof.index).to.equal(BigInt(index))
      expect(proof.contributors).to.deep.equal(page.map(({ contributor }) => contributor))
      expect(proof.commitments).to.deep.equal(page.map(({ commitment }) => commitment))
      const proven = proof.contributors.map((contributor, i) => ({
        contributor,
        commitment: proof.commitments[i]!,
      }))
      expect(pageDigest(proven)).to.equal(pageDigest(page))
      expect(commitmentIn(proof)).to.equal(submissions[index]!.commitment)
    }
  })

  it('refuses a submission that the round lacks', () => {
    for (const index of [-1, 70, 0.5, Number.NaN])
      expect(() => pageProof(submissions, index)).to.throw(RangeError, `submission ${index} of 70`)
    expect(() => commitmentIn({ index: 3n, contributors: [], commitments: [] })).to.throw(RangeError)
    expect(() => pageProof([], 0)).to.throw(RangeError, 'submission 0 of 0')
  })
})
