import { expect } from 'chai'
import { type AskingSeat, askedWindows, claimsPass } from './asked-windows.ts'
import {
  GATE_FAILED,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
} from './score-words.ts'

/** Five seats, six windows: seat 0 replays 0 and 5, the others one each. */
const asked = (seat: number, entry: Partial<ScoreEntry>, other: Partial<AskingSeat> = {}) =>
  askedWindows(scoreEntry(entry), { seat, seatCount: 5, windowsDrawn: 6, isLastRound: false, ...other })

describe('The windows that a seat can ask for', () => {
  it('are its own if it replayed none, and those of the seats before it that it names', () => {
    expect(asked(2, { windows: 0 })).to.deep.equal([2])
    expect(asked(0, { windows: 0 })).to.deep.equal([0, 5])
    expect(asked(2, { windows: 1, withheld: 1 })).to.deep.equal([1])
    expect(asked(2, { windows: 1, withheld: 2 })).to.deep.equal([0, 5])
    expect(asked(1, { windows: 0, withheld: 3 })).to.deep.equal([0, 1, 4, 5])
    expect(asked(1, { quality: NO_DECISION, windows: 0, withheld: 3 })).to.deep.equal([0, 1, 4, 5])
  })

  it('are none where it does not say which are missing, says nothing, or has none', () => {
    expect(asked(0, { windows: 1 })).to.deep.equal([])
    expect(asked(2, { windows: 1 })).to.deep.equal([])
    expect(asked(2, { windows: MISSED })).to.deep.equal([])
    expect(asked(2, { quality: GATE_FAILED, windows: 0, withheld: 3 })).to.deep.equal([])
    expect(asked(2, { quality: NOT_AUDITED, windows: 0, withheld: 3 })).to.deep.equal([])
    expect(asked(4, { windows: 0 }, { windowsDrawn: 2 })).to.deep.equal([])
  })

  it('are the first of several at most in a task’s last round', () => {
    expect(asked(1, { windows: 0, withheld: 3 }, { isLastRound: true })).to.deep.equal([0])
    expect(asked(2, { windows: 0 }, { isLastRound: true })).to.deep.equal([])
    expect(asked(0, { windows: 0 }, { isLastRound: true, windowsDrawn: 1 })).to.deep.equal([])
  })
})

describe('A window that a seat claims to have replayed', () => {
  const claims = (seat: number, drawn: number, entry: Partial<ScoreEntry>, other: Partial<AskingSeat> = {}) =>
    claimsPass(scoreEntry(entry), {
      seat,
      drawn,
      seatCount: 5,
      windowsDrawn: 6,
      isLastRound: false,
      ...other,
    })

  it('is one that it had to replay, if it says that it replayed all of its windows', () => {
    expect(claims(2, 2, { windows: 1 })).to.equal(true)
    expect(claims(0, 5, { windows: 2 })).to.equal(true)
    expect(claims(2, 2, { quality: TASK_FAULT, windows: 1 })).to.equal(true)
    expect(claims(2, 2, { quality: NO_DECISION, windows: 1 })).to.equal(true)
  })

  it('is none that it looked at, and none if it says less, or that a replay differed', () => {
    expect(claims(3, 2, { windows: 1 })).to.equal(false)
    expect(claims(0, 5, { windows: 1 })).to.equal(false)
    expect(claims(2, 2, { windows: 0 })).to.equal(false)
    expect(claims(2, 2, { windows: MISSED })).to.equal(false)
    expect(claims(2, 2, { quality: GATE_FAILED, windows: 1 })).to.equal(false)
    expect(claims(2, 2, { quality: NOT_AUDITED, windows: 1 })).to.equal(false)
  })

  it('is the first of several at most in a task’s last round', () => {
    expect(claims(0, 0, { windows: 2 }, { isLastRound: true })).to.equal(true)
    expect(claims(1, 1, { windows: 1 }, { isLastRound: true })).to.equal(false)
    expect(claims(0, 0, { windows: 1 }, { isLastRound: true, windowsDrawn: 1 })).to.equal(false)
  })
})
