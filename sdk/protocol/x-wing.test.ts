import { ml_kem768_x25519 as portable } from '@noble/post-quantum/hybrid.js'
import { expect } from 'chai'
import { deriveSeed, type Hash } from './random.ts'
import { xWing } from './x-wing.ts'

const SEED: Hash = `0x${'5e'.repeat(32)}`
const bytesOf = (label: string, i: number) =>
  Uint8Array.from(Buffer.from(deriveSeed(SEED, label, BigInt(i)).slice(2), 'hex'))
const coins = (i: number) => Uint8Array.from([...bytesOf('first', i), ...bytesOf('second', i)])

describe('X-Wing with X25519 of Node', () => {
  it('has the keys, ciphertexts and secrets of the portable library', () => {
    for (let i = 0; i < 3; i++) {
      const keys = xWing.keygen(bytesOf('keys', i))
      expect(keys).to.deep.equal(portable.keygen(bytesOf('keys', i)))
      const sent = xWing.encapsulate(keys.publicKey, coins(i))
      expect(sent).to.deep.equal(portable.encapsulate(keys.publicKey, coins(i)))
      expect(xWing.decapsulate(sent.cipherText, keys.secretKey)).to.deep.equal(sent.sharedSecret)
      expect(portable.decapsulate(sent.cipherText, keys.secretKey)).to.deep.equal(sent.sharedSecret)
    }
  })

  it('refuses the keys that lead to no secret, and reads the others alike, as the portable library does', () => {
    const { publicKey } = portable.keygen(bytesOf('keys', 0))
    const outcome = (kem: typeof portable, point: Uint8Array) => {
      const key = Uint8Array.from(publicKey)
      key.set(point, key.length - point.length)
      try {
        return kem.encapsulate(key, coins(0))
      } catch {
        return 'refused'
      }
    }
    const points = [
      new Uint8Array(32),
      Uint8Array.of(1, ...new Uint8Array(31)),
      // p, p + 1 and 2²⁵⁶ − 1, which stand for 0, 1 and 18.
      Uint8Array.of(0xed, ...new Uint8Array(30).fill(0xff), 0x7f),
      Uint8Array.of(0xee, ...new Uint8Array(30).fill(0xff), 0x7f),
      new Uint8Array(32).fill(0xff),
    ]
    const found = points.map((point) => outcome(xWing, point))
    expect(found).to.deep.equal(points.map((point) => outcome(portable, point)))
    expect(found.slice(0, 4)).to.deep.equal(new Array(4).fill('refused'))
    expect(found[4]).not.to.equal('refused')
  })
})
