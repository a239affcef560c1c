import { expect } from 'chai'
import { deflateSync } from 'fflate'
import { seedOf } from './fixtures/small-tasks.ts'
import { hashBytes } from './hash.ts'
import { inflatePortably, inflateTo } from './inflate.ts'

const SIZE = 40_000
const bytes = new Uint8Array(SIZE).map((_, i) => hashBytes(seedOf('bytes'))[(i * i) % 32]!)

describe('deflated bytes', () => {
  it('inflate to the same with and without Node, whatever they are made of', () => {
    for (const level of [0, 1, 9] as const) {
      const deflated = deflateSync(bytes, { level })
      expect(Buffer.compare(inflateTo(SIZE, deflated), bytes), `level ${level}`).to.equal(0)
      expect(Buffer.compare(inflatePortably(SIZE, deflated), bytes), `level ${level}`).to.equal(0)
    }
  })

  it('are refused alike when they become more, are cut or are none', () => {
    const deflated = deflateSync(bytes)
    for (const inflate of [inflateTo, inflatePortably]) {
      expect(() => inflate(SIZE - 1, deflated)).to.throw('more than 39999 bytes')
      expect(() => inflate(SIZE, deflated.subarray(0, 20))).to.throw()
      expect(() => inflate(SIZE, Uint8Array.of(7, 7, 7, 7))).to.throw()
    }
    expect(() => inflateTo(SIZE + 1, deflated)).to.throw('it inflates to 40000 bytes, expected 40001')
  })
})
