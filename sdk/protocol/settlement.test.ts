import { expect } from 'chai'
import { INPUTS, STANDING, WINDOWS } from './fixtures/settlement.ts'
import { GATE_FAILED, MISSED, NOT_AUDITED, type ScoreEntry, scoreEntry, TASK_FAULT } from './score-words.ts'
import { type Finding, judgeMember, NEWCOMER, settleMember } from './settlement.ts'

const K = 5
/** What is assigned to each seat. */
const FULL = [2, 1, 1, 1, 1]

const scored = (quality: number, rarity = 10_000): Partial<ScoreEntry> => ({ quality, rarity })
const gate: Partial<ScoreEntry> = { quality: GATE_FAILED }
const none: Partial<ScoreEntry> = { quality: NOT_AUDITED, windows: 0 }
const missed: Partial<ScoreEntry> = { quality: 5_000, windows: MISSED }

/** Findings of seats 0, 1, … that replayed all their windows unless said otherwise. */
function findings(...entries: Partial<ScoreEntry>[]): Finding[] {
  return entries.map((entry, seat) => ({
    seat,
    entry: scoreEntry({ windows: FULL[seat]!, ...entry }),
  }))
}

const fault: Partial<ScoreEntry> = { quality: TASK_FAULT, windows: 0 }

const UNNAMED = { committeeSize: K, windows: WINDOWS, named: false }
const judge = (...entries: Partial<ScoreEntry>[]) => judgeMember(findings(...entries), UNNAMED, STANDING)
const judgeNamed = (...entries: Partial<ScoreEntry>[]) =>
  judgeMember(findings(...entries), { ...UNNAMED, named: true }, STANDING)

describe('Verdict of the seats', () => {
  it('is the lower median of scores when most audited', () => {
    const verdict = judge(
      scored(8_000, 100),
      scored(7_000, 200),
      scored(9_000, 300),
      scored(1, 400),
      scored(2, 500),
    )
    expect(verdict).to.deep.equal({
      outcome: 'audited',
      qualityBps: 7_000,
      rarityBps: 300,
      addedWindows: 6,
      askedWindows: 6,
      withheldWindows: 0,
      isUndecided: false,
      agrees: [true, true, true, true, true],
    })
  })

  it('counts a failed gate as zero, and takes the lower of two middle scores', () => {
    expect(judge(scored(8_000), scored(7_000), scored(6_000), gate)).to.include({
      outcome: 'audited',
      qualityBps: 6_000,
    })
    expect(judge(scored(8_000), gate, scored(6_000), gate)).to.include({
      outcome: 'audited',
      qualityBps: 0,
      rarityBps: 0,
    })
  })

  it('fails an update when most say that it failed a gate or a replay', () => {
    const verdict = judge(gate, missed, gate, scored(9_000), scored(9_000))
    expect(verdict.outcome).to.equal('failed')
    expect(verdict.agrees).to.deep.equal([true, true, true, false, false])
  })

  it('leaves an update unaudited when most say so, or when nobody has a majority', () => {
    expect(judge(none, none, none, scored(1), gate)).to.deep.include({
      outcome: 'unaudited',
      agrees: [true, true, true, false, false],
    })
    expect(judge(none, none, scored(1), gate).outcome).to.equal('unaudited')
    expect(judge(none, none, scored(1), gate).agrees).to.deep.equal([false, false, false, false])
  })

  it('counts scores when audited and failed entries together are the majority', () => {
    const verdict = judge(scored(8_000), scored(6_000), gate, none, none)
    expect(verdict).to.include({ outcome: 'audited', qualityBps: 6_000 })
    // No class has a majority.
    expect(verdict.agrees).to.deep.equal([false, false, false, false, false])
  })

  it('pays no "not audited" where the beacon named the update for an audit (attack 54)', () => {
    const lazy = [none, none, none, scored(1), gate]
    expect(judgeNamed(...lazy)).to.deep.equal({
      ...judge(...lazy),
      agrees: [false, false, false, false, false],
    })
    expect(judgeNamed(scored(7), scored(5), scored(6), none, gate)).to.deep.equal(
      judge(scored(7), scored(5), scored(6), none, gate),
    )
  })

  it('lets no half that says "not audited" block the others where the beacon named the update', () => {
    const half = [none, scored(8_000), none, scored(6_000)]
    expect(judge(...half).outcome).to.equal('unaudited')
    expect(judgeNamed(...half)).to.deep.include({
      outcome: 'audited',
      qualityBps: 6_000,
      addedWindows: 2,
      agrees: [false, true, false, true],
    })
    // Half of the others has no majority; a failed gate still takes more than half of all.
    expect(judgeNamed(none, scored(8_000), none, gate)).to.deep.include({
      outcome: 'audited',
      qualityBps: 0,
      agrees: [false, false, false, false],
    })
    expect(judgeNamed(none, gate, none, gate)).to.deep.include({
      outcome: 'audited',
      qualityBps: 0,
      agrees: [false, true, false, true],
    })
    expect(judgeNamed(none, fault, none, fault)).to.deep.include({
      outcome: 'taskFault',
      agrees: [false, true, false, true],
    })
    expect(judgeNamed(none, fault, none, scored(1))).to.deep.include({
      outcome: 'unaudited',
      agrees: [false, false, false, false],
    })
  })

  it("is the task's fault when most say so, and their findings agree", () => {
    expect(judge(fault, fault, fault, scored(9_000), gate)).to.deep.equal({
      outcome: 'taskFault',
      qualityBps: 0,
      rarityBps: 0,
      addedWindows: 0,
      askedWindows: 0,
      withheldWindows: 0,
      isUndecided: false,
      agrees: [true, true, true, false, false],
    })
    expect(judge(fault, fault, scored(9_000), scored(8_000), scored(7_000))).to.deep.include({
      outcome: 'audited',
      qualityBps: 8_000,
      agrees: [false, false, true, true, true],
    })
    // A claimed miss is a failed gate, whatever the quality says.
    expect(judge({ ...fault, windows: MISSED }, fault, fault, gate, gate).outcome).to.equal('failed')
  })

  it('has no rarity without quality', () => {
    expect(judge(scored(0, 20_000), scored(0, 20_000), scored(0, 20_000)).rarityBps).to.equal(0)
  })

  it('pools replayed windows, and pays for what a seat could not see', () => {
    const verdict = judge(scored(1), scored(1), { ...scored(1), windows: 0 }, scored(1), scored(1))
    expect(verdict.addedWindows).to.equal(2 + 1 + 0 + 1 + 1)
    expect(verdict.agrees).to.deep.equal([true, true, true, true, true])
  })

  it('adds no windows when a seat says that one of its windows differs', () => {
    const verdict = judge(scored(1), scored(1), scored(1), scored(1), missed)
    expect(verdict).to.deep.include({ outcome: 'audited', addedWindows: 0 })
    expect(verdict.agrees).to.deep.equal([true, true, true, true, false])
  })

  it('never counts more windows than a seat has', () => {
    const verdict = judge({ ...scored(1), windows: 6 }, scored(1), scored(1))
    expect(verdict.addedWindows).to.equal(2 + 1 + 1)
  })

  it('pays no seat that invents its scores when silent ones leave it alone with an honest one', () => {
    expect(judge(scored(1), gate).agrees).to.deep.equal([false, false])
  })
})

describe('Settlement of a member', () => {
  const windows = { addedWindows: 0, askedWindows: 6, withheldWindows: 0 }
  const verdict = { qualityBps: 0, rarityBps: 0, ...windows, isUndecided: false, agrees: [] }

  it('credits an audited one with all that was held, and clears its flag', () => {
    const audited = {
      ...verdict,
      outcome: 'audited' as const,
      qualityBps: 9_000,
      rarityBps: 12_000,
      addedWindows: 6,
    }
    const { result, standing: after, credited } = settleMember(audited, STANDING, INPUTS)
    // ρ' = 10,000 + 4,000 / 8; m' = 8 − 1 + 6, ℓ(13) = 0.7941
    expect(after).to.deep.equal({
      reputationBps: 10_500,
      runningQualityBps: 8_250,
      runningRarityBps: 10_500,
      provenWindows: 13,
      seen: 13,
      judged: true,
      flagged: false,
      held: 0n,
      heldRounds: 0,
    })
    expect(result).to.deep.include({ computePay: 7_504n, dataPay: 2_520n })
    expect(credited).to.equal(7_504n + 2_520n + 77n)
  })

  it('holds the pay of an unaudited one at its running scores', () => {
    const unaudited = { ...verdict, outcome: 'unaudited' as const }
    const { result, standing: after, credited } = settleMember(unaudited, STANDING, INPUTS)
    expect(result).to.deep.include({
      qualityBps: 8_000,
      rarityBps: 10_000,
      reputationBps: 10_000,
      provenWindows: 8,
    })
    // ℓ(8) = 0.6876: nothing is forgotten because nobody looked.
    expect(after).to.deep.equal({
      ...STANDING,
      seen: 13,
      held: 77n + 5_500n + 2_000n,
      heldRounds: 3,
    })
    expect(credited).to.equal(0n)
  })

  it("credits one that is the task's fault at its running scores, and changes nothing of its record", () => {
    const fault = { ...verdict, outcome: 'taskFault' as const }
    const { result, standing: after, credited } = settleMember(fault, STANDING, INPUTS)
    expect(after).to.deep.equal(STANDING)
    expect(result).to.deep.include({
      qualityBps: 8_000,
      rarityBps: 10_000,
      computePay: 5_500n,
      dataPay: 2_000n,
    })
    expect(credited).to.equal(5_500n + 2_000n)
    // In the last round too; who was never judged has nothing proven to be paid for.
    const newcomer = { ...NEWCOMER, held: 77n, heldRounds: 1 }
    const last = settleMember(fault, newcomer, { ...INPUTS, isLastRound: true })
    expect(last).to.deep.include({ standing: newcomer, credited: 0n })
  })

  it('pays a failed one nothing, cancels what is held and flags it', () => {
    const failed = { ...verdict, outcome: 'failed' as const }
    const {
      result,
      standing: after,
      credited,
    } = settleMember(failed, { ...STANDING, flagged: false }, INPUTS)
    expect(after).to.deep.equal({
      reputationBps: 9_375,
      runningQualityBps: 6_000,
      runningRarityBps: 7_500,
      provenWindows: 0,
      seen: 13,
      judged: true,
      flagged: true,
      held: 0n,
      heldRounds: 0,
    })
    expect(result).to.deep.include({ computePay: 0n, dataPay: 0n })
    expect(credited).to.equal(0n)
  })

  it('keeps what is held, and the flag, of an audited one without quality', () => {
    const poor = { ...verdict, outcome: 'audited' as const }
    const { standing: after, credited } = settleMember(poor, STANDING, INPUTS)
    expect(after).to.include({ held: 77n, flagged: true })
    expect(credited).to.equal(0n)
  })

  it('pays rounds before the first judged one by its scores (attack 53)', () => {
    const unaudited = { ...verdict, outcome: 'unaudited' as const }
    const first = settleMember(unaudited, NEWCOMER, INPUTS)
    // Held at Q = 1, R = 2, ℓ(6) = 0.6069 and ρ = ½; the running values are still 0.
    expect(first.result).to.deep.include({
      qualityBps: 0,
      rarityBps: 0,
      computePay: 3_034n,
      dataPay: 2_000n,
    })
    expect(first.standing).to.deep.include({ seen: 1, judged: false, held: 5_034n, heldRounds: 1 })
    const scores = { qualityBps: 8_000, rarityBps: 10_000, addedWindows: 6 }
    const second = settleMember(
      { ...verdict, ...scores, outcome: 'audited' as const },
      first.standing,
      INPUTS,
    )
    expect(second.standing).to.include({ runningQualityBps: 8_000, runningRarityBps: 10_000, held: 0n })
    // ρ = 0.6: 2,913 + 1,200 of at most 3,641 + 2,400
    expect(second.credited).to.equal(4_113n + (5_034n * 4_113n) / 6_041n)
    const failed = settleMember({ ...verdict, outcome: 'failed' as const }, first.standing, INPUTS)
    expect(failed).to.deep.include({ credited: 0n })
  })
})
