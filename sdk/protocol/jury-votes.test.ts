import { expect } from 'chai'
import { concat, encodePacked, keccak256, numberToHex } from 'viem'
import { CANNOT_EXECUTE, EVIDENCE_MISSING, juryVoteCommitment, witnessOf } from './jury-votes.ts'

const juror = numberToHex(0xa1, { size: 20 })
const word = (n: number) => numberToHex(n, { size: 32 })

describe('votes of jurors', () => {
  it('have two answers that are no value', () => {
    expect([CANNOT_EXECUTE, EVIDENCE_MISSING]).to.deep.equal([word(1), word(2)])
  })

  it('are committed to as the contract hashes them', () => {
    const place = { chainId: 5, jury: numberToHex(0xb2, { size: 20 }), panelId: 7n, juror }
    const vote = { result: word(3), witness: word(4), salt: word(6) }
    const words = concat([word(5), word(0xb2), word(7), word(0xa1), word(3), word(4), word(6)])
    expect(juryVoteCommitment(place, vote)).to.equal(keccak256(words))
  })

  it('carry a witness that is of one juror alone', () => {
    const values = Uint8Array.of(1, 2, 3)
    expect(witnessOf(juror, values)).to.equal(
      keccak256(encodePacked(['address', 'bytes'], [juror, '0x010203'])),
    )
    expect(witnessOf(numberToHex(0xa2, { size: 20 }), values)).to.not.equal(witnessOf(juror, values))
  })
})
