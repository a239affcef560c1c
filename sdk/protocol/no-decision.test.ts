import { expect } from 'chai'
import { INPUTS, STANDING, WINDOWS } from './fixtures/settlement.ts'
import { GATE_FAILED, MISSED, NO_DECISION, type ScoreEntry, scoreEntry } from './score-words.ts'
import { judgeMember, settleMember } from './settlement.ts'

/** What is assigned to each seat. */
const FULL = [2, 1, 1, 1, 1]
const scored = (quality: number, rarity = 10_000): Partial<ScoreEntry> => ({ quality, rarity })
const gate: Partial<ScoreEntry> = { quality: GATE_FAILED }
const undecided: Partial<ScoreEntry> = { quality: NO_DECISION, rarity: 0 }

describe('No decision', () => {
  const odd = { judged: true, runningQualityBps: 7_001, runningRarityBps: 9_999 }
  const judgeWith = (before: Parameters<typeof judgeMember>[2], ...entries: Partial<ScoreEntry>[]) =>
    judgeMember(
      entries.map((entry, seat) => ({ seat, entry: scoreEntry({ windows: FULL[seat]!, ...entry }) })),
      { committeeSize: FULL.length, windows: WINDOWS, named: false },
      before,
    )

  it('is the running score where most seats say so, to the basis point, and counts the windows', () => {
    const all = [undecided, undecided, undecided, undecided, undecided]
    expect(judgeWith(odd, ...all)).to.deep.equal({
      outcome: 'audited',
      qualityBps: 7_001,
      rarityBps: 9_999,
      addedWindows: 6,
      askedWindows: 6,
      withheldWindows: 0,
      isUndecided: true,
      agrees: [true, true, true, true, true],
    })
    expect(judgeWith({ ...odd, runningRarityBps: 7 }, ...all)).to.include({ rarityBps: 7 })
    expect(judgeWith({ ...odd, runningQualityBps: 0 }, ...all)).to.include({ qualityBps: 0, rarityBps: 0 })
  })

  it('is a neutral score for a member that was never judged', () => {
    const before = { ...odd, judged: false }
    expect(judgeWith(before, undecided, undecided, undecided)).to.include({
      qualityBps: 5_000,
      rarityBps: 10_000,
    })
  })

  it('counts as one running score among the others', () => {
    const verdict = judgeWith(
      odd,
      scored(2_000, 40),
      scored(3_000, 30),
      undecided,
      scored(8_000),
      scored(9_000),
    )
    expect(verdict).to.include({ qualityBps: 7_001, rarityBps: 9_999, isUndecided: false })
    const low = judgeWith(odd, scored(2_000, 40), gate, undecided, scored(4_000, 30), scored(9_000))
    expect(low).to.include({ qualityBps: 4_000, rarityBps: 40 })
    const missing = judgeWith(odd, { ...undecided, windows: MISSED }, gate, gate, undecided, undecided)
    expect(missing.outcome).to.equal('failed')
  })

  it('is no score that clears a flag: more than half must have one of their own', () => {
    const isCleared = (...entries: Partial<ScoreEntry>[]) =>
      !settleMember(judgeWith(odd, ...entries), STANDING, INPUTS).standing.flagged
    expect(isCleared(undecided, undecided, scored(1), scored(1), scored(1))).to.equal(true)
    expect(isCleared(undecided, undecided, undecided, scored(1), scored(1))).to.equal(false)
    expect(isCleared(undecided, undecided, scored(1), scored(1))).to.equal(false)
    expect(isCleared(undecided, scored(1), scored(1), scored(0), scored(1))).to.equal(true)
    expect(isCleared(undecided, scored(1), scored(1), scored(0), gate)).to.equal(false)
  })

  it('moves no running score, whatever its unit, and lets the rest of the audit go on', () => {
    const before = { ...STANDING, ...odd, flagged: false }
    const verdict = judgeWith(before, undecided, undecided, undecided, undecided, undecided)
    const { result, standing, credited } = settleMember(verdict, before, INPUTS)
    expect(standing).to.include({
      ...odd,
      provenWindows: 13,
      reputationBps: 10_250,
      held: 0n,
      flagged: false,
    })
    expect(credited).to.equal(result.computePay + result.dataPay + 77n)
  })

  it('leaves held what a flag holds, until the last round ends it', () => {
    const verdict = judgeWith(odd, undecided, undecided, undecided)
    const { result, standing, credited } = settleMember(verdict, STANDING, INPUTS)
    expect(standing).to.include({ flagged: true, held: 77n, heldRounds: 2 })
    expect(credited).to.equal(result.computePay + result.dataPay)
    const last = settleMember(verdict, STANDING, { ...INPUTS, isLastRound: true })
    expect(last).to.include({ credited })
    expect(last.standing).to.include({ flagged: true, held: 0n })
  })
})
