import { expect } from 'chai'
import { zeroAddress, zeroHash } from 'viem'
import { dueAt, nextBlockTime } from './court-clock.ts'

const FACTS = {
  kind: 'windowWithheld',
  taskId: 1n,
  round: 1,
  subject: 0,
  challenger: zeroAddress,
  bond: 0n,
  defendant: zeroAddress,
  base: 0n,
  accused: zeroHash,
  context: zeroHash,
  evidence: zeroHash,
  committee: 0n,
  committedAt: 0n,
} as const
const OPEN = { verdict: 'none', isClosed: false, wasSuspended: false, instance: 0, readyAt: 0 } as const

describe('the demo: its clock at the court', () => {
  it('meets deadlines close to each other by one block, and none after the end of the phase', () => {
    expect(nextBlockTime([], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([1_040], 1_060, 1_000)).to.equal(1_040)
    expect(nextBlockTime([1_010, 1_014, 1_020, 1_021], 1_060, 1_000)).to.equal(1_020)
    expect(nextBlockTime([1_050, 1_064], 1_060, 1_000)).to.equal(1_050)
    expect(nextBlockTime([1_070], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([1_070, 1_080], Infinity, 1_000)).to.equal(1_080)
  })

  it('does not leap while something is due', () => {
    expect(nextBlockTime([1_000], 1_060, 1_000)).to.equal(1_000)
    expect(nextBlockTime([1_000, 1_020], 1_060, 1_000)).to.equal(1_000)
  })

  it('stops at the last call of jurors that wait for evidence, before the end of their commitments', () => {
    const terms = { appealSeconds: 60, lastInstance: 1, commitSeconds: 60, revealSeconds: 60 }
    const panel = { id: 1n, status: 'committing', drawnAt: 1_000, endsAt: 1_120, places: [1, 2, 3] } as const
    const state = { ...OPEN, panel, panelIds: [1n] }
    const at = (now: number) => dueAt({ facts: FACTS, state }, terms, now)
    expect([1_000, 1_044].map(at)).to.deep.equal([1_045, 1_045])
    expect([1_045, 1_059].map(at)).to.deep.equal([1_060, 1_060])
    // So near to each other that one block would meet both, they would be silent.
    expect(nextBlockTime([at(1_000), 1_060], Infinity, 1_000)).to.equal(1_045)
  })
})
