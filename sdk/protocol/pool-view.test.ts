import { expect } from 'chai'
import { type PoolState, poolOfRound } from './pool-view.ts'

const [old, next] = ['aa', 'bb'].map((byte) => `0x${byte.repeat(32)}` as const)
const pool: PoolState = { poolRoot: old!, firstRound: 3, announced: undefined }
const replaced: PoolState = { ...pool, announced: { poolRoot: next!, firstRound: 6 } }

describe("the pool of a task's round", () => {
  it('is the current one from its first round on', () => {
    expect([2, 3, 9].map((round) => poolOfRound(pool, round))).to.deep.equal([undefined, old, old])
  })

  it('is the announced one from its own first round on', () => {
    expect([5, 6, 7].map((round) => poolOfRound(replaced, round))).to.deep.equal([old, next, next])
  })
})
