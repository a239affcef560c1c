import { expect } from 'chai'
import fc from 'fast-check'
import { encodeAbiParameters, keccak256, toHex } from 'viem'
import { deriveSeed, drawIndices, drawUint } from './random.ts'

const SEED = keccak256(toHex('seed'))

function block(seed: `0x${string}`, counter: bigint): bigint {
  return BigInt(keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [seed, counter])))
}

describe('seeded draws', () => {
  it('derive a seed as Solidity does: keccak256(abi.encode(seed, keccak256(label), words))', () => {
    const types = ['bytes32', 'bytes32', 'uint256', 'bytes32'].map((type) => ({ type }))
    const encoded = encodeAbiParameters(types, [SEED, keccak256(toHex('purpose')), 7n, SEED])
    expect(deriveSeed(SEED, 'purpose', 7n, SEED)).to.equal(keccak256(encoded))
  })

  it('draw block mod bound', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1 }), (counter, bound) => {
        expect(BigInt(drawUint(SEED, counter, bound))).to.equal(block(SEED, BigInt(counter)) % BigInt(bound))
      }),
      { seed: 7, numRuns: 100 },
    )
  })

  it('draw in bulk, eight big-endian words to a block', () => {
    const draws = drawIndices(SEED, 21, 1000)
    draws.forEach((draw, i) => {
      const word = (block(SEED, BigInt(Math.floor(i / 8))) >> BigInt(32 * (7 - (i % 8)))) & 0xffff_ffffn
      expect(BigInt(draw)).to.equal(word % 1000n)
    })
    expect(draws).to.have.length(21)
    expect(drawIndices(SEED, 13, 1000)).to.deep.equal(draws.slice(0, 13))
  })

  it('spread evenly', () => {
    const counts = new Array<number>(10).fill(0)
    for (const draw of drawIndices(SEED, 10_000, 10)) counts[draw]!++
    for (const count of counts) expect(count).to.be.within(900, 1100)
  })

  it('refuse bounds and words that have no encoding', () => {
    expect(() => drawUint(SEED, 0, 0)).to.throw(RangeError, 'bound 0')
    expect(() => drawIndices(SEED, 1, 2 ** 24 + 1)).to.throw(RangeError, 'bound 16777217')
    expect(() => deriveSeed(SEED, 'purpose', -1n)).to.throw(RangeError, '-1 is not a 32-byte word')
    expect(() => deriveSeed(SEED, 'purpose', 2n ** 256n)).to.throw(RangeError, 'not a 32-byte word')
    expect(() => deriveSeed('0x12', 'purpose')).to.throw(RangeError, '0x12 is not a 32-byte word')
  })
})
