import { expect } from 'chai'
import { longestRoundSeconds } from './phases.ts'

describe('the longest round', () => {
  it('has submissions and openings once; commits, reveals and votes twice', () => {
    const terms = {
      submitSeconds: 1,
      openSeconds: 20,
      commitSeconds: 300,
      revealSeconds: 4_000,
      aggregateSeconds: 50_000,
    }
    expect(longestRoundSeconds(terms)).to.equal(1 + 20 + 2 * (300 + 4_000 + 50_000))
  })
})
