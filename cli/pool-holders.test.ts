import { expect } from 'chai'
import { poolHolders, poolWarning } from './pool-holders.ts'

const announced = { poolRoot: `0x${'bb'.repeat(32)}`, firstRound: 9 } as const
const bid = (isReady: boolean, isReadyForAnnounced = false) => ({ isReady, isReadyForAnnounced })

describe('who holds the held-out pool', () => {
  it('is who says that it is ready, for the pool and for one that replaces it', () => {
    const bids = [undefined, bid(true), bid(false), bid(false, true), bid(true, true), bid(true)]
    expect(poolHolders({ announced: undefined }, bids)).to.deep.equal({ ready: 3 })
    expect(poolHolders({ announced }, bids)).to.deep.equal({
      ready: 3,
      announced: { firstRound: 9, ready: 2 },
    })
    expect(poolHolders({ announced: undefined }, [])).to.deep.equal({ ready: 0 })
  })

  it('is a warning with what to do, when it is nobody', () => {
    expect(poolWarning({ ready: 0 }, 3n)).to.equal(
      'no validator holds the pool of task 3; its owner runs `assay task seal 3 --watch`',
    )
    expect(poolWarning({ ready: 2, announced: { firstRound: 9, ready: 0 } }, 3n)).to.equal(
      "no validator holds the pool that replaces task 3's from round 9 on; its owner runs `assay task seal 3 --watch`",
    )
    expect(poolWarning({ ready: 0, announced: { firstRound: 9, ready: 4 } }, 3n)).to.match(
      /the pool of task 3;/,
    )
  })

  it('is no matter while somebody is ready', () => {
    expect(poolWarning({ ready: 1 }, 3n)).to.equal(undefined)
    expect(poolWarning({ ready: 1, announced: { firstRound: 9, ready: 1 } }, 3n)).to.equal(undefined)
  })
})
