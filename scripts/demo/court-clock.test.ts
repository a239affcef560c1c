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

const TERMS = { appealSeconds: 60, lastInstance: 1, commitSeconds: 60, revealSeconds: 60 }
const PANEL = { id: 1n, status: 'committing', drawnAt: 1_000, endsAt: 1_120, places: [1, 2, 3] } as const
const VOTING = { facts: FACTS, state: { ...OPEN, panel: PANEL, panelIds: [1n] } }

/** Something due from `at`, whose block may come so many seconds later. */
const due = (at: number, lateSeconds = 0) => ({ at, latest: at + lateSeconds })

describe('the demo: its clock at the court', () => {
  it('meets several deadlines by one block where that harms nobody, and none after the end of the phase', () => {
    expect(nextBlockTime([], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([due(1_040)], 1_060, 1_000)).to.equal(1_040)
    expect(nextBlockTime([due(1_010, 10), due(1_014, 10), due(1_020), due(1_021)], 1_060, 1_000)).to.equal(
      1_020,
    )
    expect(nextBlockTime([due(1_050, 25), due(1_064, 25)], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([due(1_070, 25)], 1_060, 1_000)).to.equal(1_060)
    expect(nextBlockTime([due(1_070, 25), due(1_080, 25)], Infinity, 1_000)).to.equal(1_080)
  })

  it('does not leap over a deadline that has to be met in time', () => {
    expect(nextBlockTime([due(1_010, 25), due(1_015), due(1_030, 25)], 1_060, 1_000)).to.equal(1_015)
  })

  it('does not leap while something is due', () => {
    expect(nextBlockTime([due(1_000)], 1_060, 1_000)).to.equal(1_000)
    expect(nextBlockTime([due(1_000), due(1_020, 25)], 1_060, 1_000)).to.equal(1_000)
    const drawing = { ...VOTING.state, panel: { ...PANEL, status: 'drawing' } as const }
    expect(
      dueAt({ facts: FACTS, state: drawing }, { terms: TERMS, now: 900, isAwaited: false }),
    ).to.deep.equal(due(900))
  })

  it('stops at the last call of jurors that wait for evidence, and then at every block until they have voted', () => {
    const at = (now: number) => dueAt(VOTING, { terms: TERMS, now, isAwaited: true })
    expect([1_000, 1_044].map(at)).to.deep.equal([due(1_045), due(1_045)])
    expect([1_045, 1_059].map(at)).to.deep.equal([due(1_045), due(1_059)])
    // Later by what is harmless elsewhere, they would be silent.
    expect(nextBlockTime([at(1_000), due(1_060, 25)], Infinity, 1_000)).to.equal(1_045)
    expect(nextBlockTime([at(1_045), due(1_060, 25)], Infinity, 1_045)).to.equal(1_045)
  })

  it('goes on to the reveals once all jurors have committed', () => {
    const at = (now: number) => dueAt(VOTING, { terms: TERMS, now, isAwaited: false })
    expect([1_002, 1_050].map(at)).to.deep.equal([due(1_060, 25), due(1_060, 25)])
  })
})
