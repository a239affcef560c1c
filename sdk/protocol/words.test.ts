import { expect } from 'chai'
import fc from 'fast-check'
import * as words from './words.ts'
import {
  CLOSING_TIMES_WORD,
  COHORT_WORD,
  HELD_WORD,
  packWord,
  placesOf,
  ROUND_WORD,
  unpackNumbers,
  unpackWord,
  VALIDATOR_WORD,
  type WordLayout,
  type WordValues,
} from './words.ts'

const LARGEST = 2n ** 256n - 1n
const LAYOUTS = Object.entries<unknown>(words).filter((entry): entry is [string, WordLayout] =>
  Array.isArray(entry[1]),
)

/** Values that fit into the fields of a layout, as often as not at their limits. */
function valuesOf(layout: WordLayout): fc.Arbitrary<Record<string, bigint | bigint[]>> {
  const fields = placesOf(layout).map(({ name, bits, count }) => {
    const value = fc.oneof(
      fc.bigInt(0n, 2n ** BigInt(bits) - 1n),
      fc.constantFrom(0n, 2n ** BigInt(bits) - 1n),
    )
    return [
      name,
      count === undefined ? value : fc.array(value, { minLength: count, maxLength: count }),
    ] as const
  })
  return fc.record(Object.fromEntries(fields))
}

describe('packed words', () => {
  for (const [name, layout] of LAYOUTS) {
    it(`${name} is read back as it was packed`, () => {
      fc.assert(
        fc.property(valuesOf(layout), (values) => {
          expect(unpackWord(layout, packWord(layout, values as WordValues<WordLayout>))).to.deep.equal(values)
        }),
      )
    })
  }

  it('have fields of different names in 256 bits or less', () => {
    expect(LAYOUTS.length).to.be.above(15)
    for (const [name, layout] of LAYOUTS) {
      const places = placesOf(layout)
      const last = places.at(-1)!
      expect(new Set(places.map((field) => field.name)).size, name).to.equal(places.length)
      expect(last.offset + last.bits * (last.count ?? 1), name).to.be.at.most(256)
    }
  })

  it('are read from the lowest bit on', () => {
    const word = 7n | (4n << 32n) | (1_700_000_000n << 72n) | (1n << 208n)
    expect(unpackWord(ROUND_WORD, word)).to.deep.equal({
      round: 7n,
      status: 4n,
      submissions: 0n,
      slots: 0n,
      submitEnd: 1_700_000_000n,
      sealedAt: 0n,
      doneAt: 0n,
      cohortsDone: 0n,
      cohortsVoid: 0n,
      selective: 1n,
      season: 0n,
      requestedAt: 0n,
    })
  })

  it('of small fields are read as plain numbers, others are refused', () => {
    const word = 7n | ((2n ** 40n - 1n) << 72n)
    expect(unpackNumbers(ROUND_WORD, word)).to.include({ round: 7, submitEnd: 2 ** 40 - 1, doneAt: 0 })
    expect(unpackNumbers(COHORT_WORD, 3n << 40n).seats).to.deep.equal([0, 3, ...Array(13).fill(0)])
    expect(() => unpackNumbers(HELD_WORD, 1n)).to.throw(
      RangeError,
      'amount has 80 bits: read it with unpackWord',
    )
  })

  it('leave spare bits out', () => {
    const layout = [
      { name: 'low', bits: 3, doc: '' },
      { spare: 5 },
      { name: 'high', bits: 248, doc: '' },
    ] as const satisfies WordLayout
    const values = { low: 7n, high: 2n ** 248n - 1n }
    expect(unpackWord(layout, LARGEST)).to.deep.equal(values)
    expect(packWord(layout, values)).to.equal(LARGEST - (31n << 3n))
  })

  it('of equal fields are lists', () => {
    const times = [1n, 2n, 3n, 4n]
    const lengths = [5n, 0n, 0n, 6n]
    const word = 1n | (2n << 40n) | (3n << 80n) | (4n << 120n) | (5n << 160n) | (6n << 232n)
    expect(packWord(CLOSING_TIMES_WORD, { times, lengths })).to.equal(word)
    expect(unpackWord(CLOSING_TIMES_WORD, LARGEST).times).to.deep.equal(Array(4).fill(2n ** 40n - 1n))
  })

  it('have no room for a value beyond their limit, and say so', () => {
    const held = (amount: bigint) => () => packWord(HELD_WORD, { amount, round: 1n, rounds: 0n })
    const most = 2n ** 80n - 1n
    expect(held(most)()).to.equal(most | (1n << 80n))
    const rest = `it must be in 0 … ${most}, which is what 80 bits hold`
    expect(held(most + 1n)).to.throw(RangeError, `amount is ${most + 1n}: ${rest}`)
    expect(held(-1n)).to.throw(RangeError, `amount is -1: ${rest}`)
  })

  it('refuse a list of the wrong length, or an item without room', () => {
    const pack = (times: bigint[]) => () => packWord(CLOSING_TIMES_WORD, { times, lengths: [0n, 0n, 0n, 0n] })
    expect(pack([1n, 2n, 3n])).to.throw(RangeError, 'times has 3 values: the word has room for 4')
    expect(pack([1n, 2n, 2n ** 64n, 4n])).to.throw(RangeError, `times[2] is ${2n ** 64n}: it must be in 0 …`)
  })

  it('refuse what is no word', () => {
    const message = `it must be in 0 … ${LARGEST}`
    expect(() => unpackWord(VALIDATOR_WORD, LARGEST + 1n)).to.throw(RangeError, message)
    expect(() => unpackWord(VALIDATOR_WORD, -1n)).to.throw(RangeError, message)
  })
})
