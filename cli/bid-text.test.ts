import type { Bid } from '@assay/sdk/protocol/bid-views.ts'
import { expect } from 'chai'
import { type Hex, zeroAddress } from 'viem'
import { type BidContext, bidText } from './bid-text.ts'

const root = (byte: string): Hex => `0x${byte.repeat(32)}`
const bid: Bid = {
  validator: zeroAddress,
  standing: 'placed',
  weight: 384,
  firstRound: 3,
  bidAt: 1_800_000_000,
  isReady: true,
  isReadyForAnnounced: false,
}
const context: BidContext = {
  taskId: 1n,
  round: 1,
  pool: { poolRoot: root('aa'), firstRound: 1, announced: undefined },
  outbidBy: undefined,
}
const announced = { ...context.pool, announced: { poolRoot: root('bb'), firstRound: 4 } }
const say = (changes: Partial<Bid>, around: Partial<BidContext> = {}) =>
  bidText({ ...bid, ...changes }, { ...context, ...around }).join(', ')

describe("what status says of a validator's bid", () => {
  it('is from which round on it counts', () => {
    expect(say({})).to.equal('ready, weight 384 from round 3 on')
    expect(say({}, { round: 2 })).to.equal('ready, next round 384')
    expect(say({}, { round: 9 })).to.equal('ready, next round 384')
  })

  it('is what it waits for', () => {
    expect(say({ standing: 'joined', isReady: false, weight: 0 })).to.equal(
      'pending: not ready yet, assay oracle 1 says so once it has the pool, counts from round 3 on',
    )
    expect(say({ standing: 'candidate' })).to.equal(
      'ready, candidate for one of 64 places, four an opening, weight 384 from round 3 on, if that is more than others have',
    )
    expect(say({ isReady: false })).to.include(`not ready for the pool ${root('aa')}`)
  })

  it('is whether an announced pool would end its weight', () => {
    expect(say({}, { round: 2, pool: announced })).to.equal(
      `ready, next round 384, not ready for the pool ${root('bb')} of round 4`,
    )
    expect(say({ isReadyForAnnounced: true }, { round: 2, pool: announced })).to.equal(
      'ready, next round 384',
    )
    const only = { isReady: false, isReadyForAnnounced: true }
    expect(say(only, { pool: announced })).to.equal('ready, weight 384 from round 4 on')
  })

  it('is which bid has to be answered', () => {
    const outbidBy = { ...bid, weight: 500, firstRound: 5 }
    expect(say({}, { round: 2, outbidBy })).to.equal(
      'ready, next round 384, a bid of weight 500 takes the place from round 5 on unless you answer it: assay validator raise 1',
    )
  })
})
