import { expect } from 'chai'
import { lossBytes } from './witness.ts'

describe('the losses of a witness', () => {
  it('are their float32 bits, but for NaNs, which machines spell differently', () => {
    const nan = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0]!
    const spelled = [0x7fc00000, 0xffc00000, 0x7fc12345].map((bits) => [...lossBytes([1.5, nan(bits)])])
    expect(spelled[0]).to.deep.equal([0, 0, 0xc0, 0x3f, 0, 0, 0xc0, 0x7f])
    expect(spelled[1]).to.deep.equal(spelled[0])
    expect(spelled[2]).to.deep.equal(spelled[0])
    expect(lossBytes([-0])).to.deep.equal(Uint8Array.of(0, 0, 0, 0x80))
  })
})
