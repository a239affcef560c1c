import { expect } from 'chai'
import { getAddress, numberToHex } from 'viem'
import { type Bid, bidIn, outbidBy } from './bid-views.ts'
import { PLACE_WORD, packWord } from './words.ts'

const account = (i: number) => getAddress(numberToHex(i + 1, { size: 20 }))
const bidOf = (i: number, weight: number, changes: Partial<Bid> = {}): Bid => ({
  validator: account(i),
  standing: i < 64 ? 'placed' : 'candidate',
  weight,
  firstRound: 3,
  bidAt: 1_800_000_000,
  isReady: true,
  isReadyForAnnounced: false,
  ...changes,
})

describe('bids', () => {
  it('are read from their word', () => {
    const word = packWord(PLACE_WORD, {
      account: 7n,
      weight: 384n,
      firstRound: 3n,
      bidAt: 1_800_000_000n,
      ready: 0n,
      readyForAnnounced: 1n,
    })
    expect(bidIn(word, 'candidate')).to.deep.equal(
      bidOf(6, 384, { standing: 'candidate', isReady: false, isReadyForAnnounced: true }),
    )
    expect(bidIn(0n, 'placed')).to.equal(undefined)
  })
})

describe('a larger bid for a place', () => {
  // Place i has weight 300 + i.
  const full = Array.from({ length: 64 }, (_, i) => bidOf(i, 300 + i))

  it('threatens the smallest places, as many as there are larger bids and at most four', () => {
    const threatened = (candidates: Bid[]) =>
      full.flatMap(({ validator }, i) => (outbidBy([...full, ...candidates], validator) ? [i] : []))
    expect(threatened([])).to.deep.equal([])
    expect(threatened([bidOf(64, 1_000)])).to.deep.equal([0])
    expect(threatened([bidOf(64, 1_000), bidOf(65, 301)])).to.deep.equal([0])
    expect(threatened(Array.from({ length: 16 }, (_, i) => bidOf(64 + i, 1_000)))).to.deep.equal([0, 1, 2, 3])
  })

  it('is the smallest of those that have to be answered', () => {
    const candidates = [bidOf(64, 900), bidOf(65, 500), bidOf(66, 300)]
    expect(outbidBy([...full, ...candidates], account(0))?.weight).to.equal(500)
  })

  it('threatens nobody while places are free, and nobody if its validator is not ready', () => {
    const candidate = bidOf(64, 1_000)
    expect(outbidBy([undefined, ...full.slice(1), candidate], account(1))).to.equal(undefined)
    expect(outbidBy([...full, { ...candidate, isReady: false }], account(0))).to.equal(undefined)
    expect(outbidBy([...full, candidate], account(99))).to.equal(undefined)
  })

  it('threatens a place first whose validator is not ready', () => {
    const lazy = [...full.slice(0, 63), bidOf(63, 1_024, { isReady: false })]
    expect(outbidBy([...lazy, bidOf(64, 310)], account(63))?.weight).to.equal(310)
  })
})
