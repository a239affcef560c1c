import type { Phase } from '@assay/sdk/protocol/phases.ts'
import type { RoundState } from '@assay/sdk/protocol/round-view.ts'
import { expect } from 'chai'
import { contributorDue, dueText, validatorDue } from './due.ts'

const round = (phase: Phase) => ({ round: 3, phase, submitEnd: 100, openEnd: 200 }) as RoundState

describe("what is due of a contributor, by the round's phase", () => {
  const due = (phase: Phase, lastRound: number, maySubmit = false, mayLose = false) =>
    contributorDue({ lastRound }, round(phase), { maySubmit, mayLose })

  it('is to submit while it may, with the time until which it can', () => {
    expect(due('Submit', 2, true)).to.deep.equal({ what: 'submit', by: 100 })
    expect(dueText(due('Submit', 2, true), 1n, 40)).to.match(/^submit by .*\(in 1 min\)$/)
  })

  it('is nothing without a place in the round', () => {
    for (const phase of ['Idle', 'Submit', 'Open', 'Commit'] as const) {
      expect(due(phase, 2), phase).to.deep.equal({ what: 'nothing' })
    }
  })

  it('is to stay ready between rounds, and without a place in one, while held pay can be lost', () => {
    for (const phase of ['Idle', 'Submit', 'Open'] as const) {
      expect(due(phase, 2, false, true), phase).to.deep.equal({ what: 'stayReady' })
    }
    expect(due('Submit', 2, true, true)).to.deep.equal({ what: 'submit', by: 100 })
    expect(due('Commit', 3, false, true)).to.deep.equal({ what: 'answer' })
    expect(dueText({ what: 'stayReady' }, 1n, 0)).to.equal(
      "keep assay contribute running: who misses the task's last round loses what is held",
    )
  })

  it('is to open after the seal, and to answer while seats can ask', () => {
    for (const phase of ['Submit', 'CloseDue', 'SealDue'] as const) {
      expect(due(phase, 3), phase).to.deep.equal({ what: 'openAfterSeal' })
    }
    expect(due('Open', 3)).to.deep.equal({ what: 'open', by: 200 })
    expect(due('Commit', 3)).to.deep.equal({ what: 'answer' })
    for (const phase of ['SettleDue', 'RootVote', 'FinalizeDue', 'Idle'] as const) {
      expect(due(phase, 3), phase).to.deep.equal({ what: 'nothing' })
    }
  })
})

describe('what is due of a validator, by its standing', () => {
  it('is to keep running while the open round can draw it, also when it leaves', () => {
    for (const state of ['drawn', 'leaving'] as const) {
      expect(validatorDue({ frozenWeight: 256 }, round('Submit'), { state }).what).to.equal('runOracle')
    }
    expect(validatorDue({ frozenWeight: 256 }, round('Idle'), { state: 'drawn' }).what).to.equal('nothing')
    expect(validatorDue({ frozenWeight: 0 }, round('Submit'), { state: 'drawn' }).what).to.equal('nothing')
  })

  it('is the release once it has left, with its time', () => {
    const later = validatorDue({ frozenWeight: 256 }, round('Idle'), { state: 'waiting', finalAt: 300 })
    expect(later).to.deep.equal({ what: 'releaseLater', from: 300 })
    expect(dueText(later, 7n, 0)).to.match(
      /release the stake from .*\(in 5 min\) on: assay validator release 7$/,
    )
    const now = validatorDue({ frozenWeight: 256 }, round('Idle'), { state: 'releasable' })
    expect(dueText(now, 7n, 0)).to.equal('release the stake: assay validator release 7')
  })

  it('is nothing for one that was released, whatever weight the last draw had for it', () => {
    expect(validatorDue({ frozenWeight: 256 }, round('Idle'), { state: 'none' }).what).to.equal('nothing')
  })
})
