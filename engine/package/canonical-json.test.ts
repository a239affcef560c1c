import { expect } from 'chai'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

describe('canonical JSON', () => {
  it('sorts keys by code unit and leaves no spaces', () => {
    const value = { b: [1, { d: true, c: 'é"' }], a: '', é: -5, Z: {} }
    expect(canonicalJson(value)).to.equal('{"Z":{},"a":"","b":[1,{"c":"é\\"","d":true}],"é":-5}')
  })

  it('says what JSON says, in one form for every order of keys', () => {
    const leaf = fc.oneof(fc.string(), fc.boolean(), fc.maxSafeInteger())
    const value = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf)))
    fc.assert(
      fc.property(value, (object) => {
        const plain = Object.fromEntries(Object.entries(object).filter(([key]) => key !== '__proto__'))
        const text = canonicalJson(JSON.parse(JSON.stringify(plain)))
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(plain)))
        expect(canonicalJson(Object.fromEntries(Object.entries(plain).reverse()))).to.equal(text)
      }),
      { seed: 81, numRuns: 200 },
    )
  })

  it('refuses numbers that can be written in more than one way', () => {
    for (const number of [0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => canonicalJson({ number })).to.throw(TypeError, 'write fractions as decimal strings')
    }
  })
})
