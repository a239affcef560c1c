import { expect } from 'chai'
import { INPUTS, STANDING, WINDOWS } from './fixtures/settlement.ts'
import { keptBps } from './reputation.ts'
import { GATE_FAILED, MISSED, NO_DECISION, NOT_AUDITED, type ScoreEntry, scoreEntry } from './score-words.ts'
import { judgeMember, settleMember, type Verdict } from './settlement.ts'

/** What is assigned to each seat. */
const FULL = [2, 1, 1, 1, 1]
const GATE: Partial<ScoreEntry> = { quality: GATE_FAILED }
const NOT_SCORED: Partial<ScoreEntry> = { quality: NOT_AUDITED }
const [NONE, FIRST, SECOND] = [{ windows: 0 }, { withheld: 1 }, { withheld: 2 }]

/** The verdict of seats 0, 1, … that scored the update and replayed all their windows unless said otherwise. */
function judge(...entries: Partial<ScoreEntry>[]): Verdict {
  const findings = entries.map((entry, seat) => ({
    seat,
    entry: scoreEntry({ quality: 1, rarity: 10_000, windows: FULL[seat]!, ...entry }),
  }))
  return judgeMember(findings, { committeeSize: 5, windows: WINDOWS, named: false }, STANDING)
}

describe('Withheld windows', () => {
  it('are counted when the seat that replays and the two that look say so', () => {
    // Seat 0 has two windows; seats 1 and 2 look.
    expect(judge(NONE, FIRST, SECOND, {}, {})).to.deep.include({ addedWindows: 4, withheldWindows: 2 })
    expect(judge({ windows: 1 }, FIRST, SECOND, {}, {}).withheldWindows).to.equal(1)
    // Seat 4 has one; seats 0 and 1 look.
    expect(judge(FIRST, SECOND, {}, {}, NONE)).to.deep.include({ addedWindows: 5, withheldWindows: 1 })
    expect(judge(NONE, FIRST, SECOND, {}, {}).agrees).to.deep.equal([true, true, true, true, true])
  })

  it('are none by the word of a single seat, whatever others say', () => {
    const words = (...entries: Partial<ScoreEntry>[]) => judge(...entries).withheldWindows
    expect(words(NONE, {}, {}, {}, {})).to.equal(0)
    expect(words({}, FIRST, SECOND, {}, {})).to.equal(0)
    expect(words(NONE, FIRST, {}, {}, {})).to.equal(0)
    expect(words(NONE, {}, SECOND, {}, {})).to.equal(0)
    // A seat says something only if it scored the update, and of its own place.
    expect(words(NONE, FIRST, GATE, {}, {})).to.equal(2)
    expect(words(NONE, GATE, GATE, {}, {})).to.equal(0)
    expect(words({ ...NOT_SCORED, windows: 0 }, FIRST, SECOND, {}, {})).to.equal(0)
    expect(words(NONE, SECOND, FIRST, {}, {})).to.equal(0)
    // Not to decide is to have looked.
    const [undecided, noDecision] = [
      { quality: NO_DECISION, rarity: 0 },
      { ...NONE, quality: NO_DECISION },
    ]
    expect(words(noDecision, { ...FIRST, ...undecided }, { ...SECOND, ...undecided }, {}, {})).to.equal(2)
    expect(words(noDecision, FIRST, undecided, {}, {})).to.equal(0)
    // Who did not reveal contradicts nobody, and neither does who proved no window of its own.
    expect(words(NONE, FIRST)).to.equal(2)
    expect(words(NONE, FIRST, NONE, {}, {})).to.equal(2)
    expect(words(NONE, NONE, SECOND, {}, {})).to.equal(2)
    expect(words(NONE, NONE, NONE, {}, {})).to.equal(0)
    expect(words(NONE, { ...FIRST, ...NONE }, {}, {}, {})).to.equal(0)
  })

  it('are counted among the windows of the seats that scored the update', () => {
    const asked = (...entries: Partial<ScoreEntry>[]) => judge(...entries).askedWindows
    expect(asked({}, {}, {}, {}, {})).to.equal(6)
    expect(asked({}, {}, {}, {}, { windows: MISSED })).to.equal(5)
    expect(asked({}, NONE, {}, { ...NOT_SCORED, windows: 0 })).to.equal(4)
    expect(asked({}, {}, { ...GATE, windows: 0 })).to.equal(3)
  })

  const verdict: Verdict = {
    outcome: 'audited',
    qualityBps: 0,
    rarityBps: 0,
    addedWindows: 0,
    askedWindows: 6,
    withheldWindows: 0,
    isUndecided: false,
    agrees: [],
  }

  it('take a part of the pay for compute and of what is held, and proven windows', () => {
    const withheld: Verdict = {
      ...verdict,
      qualityBps: 9_000,
      rarityBps: 12_000,
      addedWindows: 5,
      withheldWindows: 1,
    }
    const {
      result,
      standing: after,
      credited,
    } = settleMember(withheld, { ...STANDING, provenWindows: 16 }, INPUTS)
    // m' = 16 − 2 + 5 − 6, ℓ(13) = 0.7941: four fifths of the pay for it, and of what is held.
    expect(after).to.include({ provenWindows: 13, held: 0n })
    expect(result).to.deep.include({ computePay: 6_003n, dataPay: 2_520n })
    expect(credited).to.equal(6_003n + 2_520n + 61n)
    const all = settleMember({ ...withheld, addedWindows: 1, withheldWindows: 5 }, STANDING, INPUTS)
    expect(all.standing).to.include({ provenWindows: 0, held: 0n })
    expect(all.credited).to.equal(2_520n)
  })

  it('take of the pay before the first judged update what they take of other held pay', () => {
    const first = { ...STANDING, judged: false, flagged: false, held: 8_000n }
    const good: Verdict = { ...verdict, qualityBps: 9_000, rarityBps: 12_000, addedWindows: 6 }
    const released = (found: Verdict) =>
      settleMember(found, first, INPUTS).credited -
      settleMember(found, { ...first, held: 0n }, INPUTS).credited
    // The proven windows that two withheld ones took lower the first pay, too.
    const without = released({ ...good, addedWindows: 0 })
    const kept = (without * BigInt(keptBps(2, WINDOWS))) / 10_000n
    expect(released({ ...good, addedWindows: 12, withheldWindows: 2 })).to.equal(kept)
  })

  it("releases what the last round's windows show of held rounds, and ends the hold", () => {
    const last = { ...INPUTS, isLastRound: true }
    const held = { ...STANDING, flagged: false, held: 8_000n }
    // Two held rounds: of six windows four are of them. One of six is withheld: 1 − 6 / (6 · 4).
    const found = { ...verdict, withheldWindows: 1 }
    const good = { ...found, qualityBps: 9_000 }
    const released = (found: Verdict, terms = last) =>
      settleMember(found, held, terms).credited - settleMember(found, { ...held, held: 0n }, terms).credited
    expect(released(good)).to.equal(6_000n)
    expect(released(good, INPUTS), '1.2 / 6 in any other round').to.equal(6_400n)
    expect(released({ ...good, withheldWindows: 5 })).to.equal(0n)
    // With Q = 0 the training still counts, but not for a flagged contributor.
    expect(settleMember(found, held, last)).to.deep.include({ credited: 6_000n })
    expect(settleMember(found, held, last).standing).to.include({ held: 0n, heldRounds: 0 })
    expect(settleMember(found, { ...held, flagged: true }, last)).to.deep.include({ credited: 0n })
  })
})
