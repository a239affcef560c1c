import { expect } from 'chai'
import { nextBlockTime } from './court-clock.ts'

describe('the demo: its clock at the court', () => {
  it('meets deadlines close to each other by one block, and none after the end of the phase', () => {
    expect(nextBlockTime([], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([1_040], 1_060, 1_000)).to.equal(1_040)
    expect(nextBlockTime([1_010, 1_014, 1_035, 1_036], 1_060, 1_000)).to.equal(1_035)
    expect(nextBlockTime([1_050, 1_064], 1_060, 1_000)).to.equal(1_050)
    expect(nextBlockTime([1_070], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([1_070, 1_080], Infinity, 1_000)).to.equal(1_080)
  })

  it('does not leap while something is due', () => {
    expect(nextBlockTime([1_000], 1_060, 1_000)).to.equal(1_000)
    expect(nextBlockTime([1_000, 1_020], 1_060, 1_000)).to.equal(1_000)
  })
})
