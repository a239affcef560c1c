import { expect } from 'chai'
import fc from 'fast-check'
import { seedOf } from '../fixtures/small-tasks.ts'
import { drawWindows } from './replay.ts'

describe('drawn windows', () => {
  it('are distinct, in range, ascending, and as many as there are at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 70 }),
        fc.bigInt(0n, 1000n),
        (windows, count, n) => {
          const drawn = drawWindows({ seed: seedOf('draw', n), windows, count })
          expect(drawn).to.have.length(Math.min(windows, count))
          expect(new Set(drawn).size).to.equal(drawn.length)
          expect([...drawn].sort((a, b) => a - b)).to.deep.equal(drawn)
          for (const window of drawn) expect(window).to.be.within(0, windows - 1)
        },
      ),
      { seed: 52, numRuns: 100 },
    )
  })

  it('fall on every window about equally often', () => {
    const counts = new Array<number>(10).fill(0)
    for (let i = 0n; i < 1000n; i++) {
      for (const window of drawWindows({ seed: seedOf('even', i), windows: 10, count: 3 })) counts[window]!++
    }
    for (const count of counts) expect(count).to.be.within(240, 360)
  })
})
