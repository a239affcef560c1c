import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { isKeepersTurn, keeperRank } from './keeper-rank.ts'

const INDICES = [0, 2, 3, 7, 11]
const STAGGER = 12

describe('the turns of keepers', () => {
  const rankOf = (rosterIndex: number | undefined, round = 1) =>
    keeperRank({ seed: deriveSeed(zeroHash, 'b'), round, phase: 'SealDue', indices: INDICES, rosterIndex })
  const whoActs = (timestamp: number, blockNumber: bigint, dueAt: number | undefined = 1_000) =>
    INDICES.map((_, rank) => rank).filter((rank) =>
      isKeepersTurn({ rank, ranks: INDICES.length, dueAt, timestamp, blockNumber, staggerSeconds: STAGGER }),
    )

  it('give every validator another rank, in another order each round', () => {
    const order = (round: number) => INDICES.map((index) => rankOf(index, round))
    expect([...order(1)].sort()).to.deep.equal([0, 1, 2, 3, 4])
    expect([1, 2, 3, 4].some((round) => order(round).join() !== order(5).join())).to.equal(true)
  })

  it('give none to others', () => {
    expect(rankOf(1)).to.equal(undefined)
    expect(rankOf(undefined)).to.equal(undefined)
  })

  it('let one validator act at a time, from the moment that the call is due', () => {
    for (let seconds = 0; seconds < INDICES.length * STAGGER; seconds++)
      expect(whoActs(1_000 + seconds, 5n)).to.deep.equal([Math.floor(seconds / STAGGER)])
  })

  it('pass on with each block after everybody had a turn', () => {
    const late = 1_000 + INDICES.length * STAGGER
    const acted = [50n, 51n, 52n, 53n, 54n].map((block) => whoActs(late + Number(block), block))
    expect(acted.flat().sort()).to.deep.equal([0, 1, 2, 3, 4])
    expect(acted.every(({ length }) => length === 1)).to.equal(true)
  })

  it('go by blocks when it is not known since when the call is due', () => {
    expect([7n, 8n].map((block) => whoActs(9_999, block, undefined))).to.deep.equal([[2], [3]])
  })
})
