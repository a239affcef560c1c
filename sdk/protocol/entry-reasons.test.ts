import { expect } from 'chai'
import fc from 'fast-check'
import {
  type EntryReason,
  entryReason,
  failedEntry,
  GATE_REASONS,
  unauditedEntry,
  undecidedEntry,
  withheldEntry,
} from './entry-reasons.ts'
import { STANDING } from './fixtures/settlement.ts'
import {
  GATE_FAILED,
  isValidEntry,
  LEAST_RARITY,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  packEntry,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
  unpackEntry,
} from './score-words.ts'
import { judgeMember } from './settlement.ts'

const written: [ScoreEntry, EntryReason][] = [
  ...GATE_REASONS.map((reason): [ScoreEntry, EntryReason] => [failedEntry(reason), reason]),
  [unauditedEntry('notDrawn'), 'notDrawn'],
  [unauditedEntry('notLookedAt'), 'notLookedAt'],
  [withheldEntry({ windows: 1, withheld: 2 }), 'withheld'],
  [undecidedEntry({ windows: 1, withheld: 2 }), 'undecided'],
]

describe('the reason in an entry', () => {
  it('is read back as it was written, in a sheet that the contract takes', () => {
    expect(written).to.have.length(13)
    for (const [entry, reason] of written) {
      expect(isValidEntry(packEntry(entry)), reason).to.equal(true)
      expect(entryReason(unpackEntry(packEntry(entry)))).to.equal(reason)
    }
    expect(new Set(written.map(([entry]) => packEntry(entry))).size).to.equal(13)
  })

  it('is below the least rarity, so that it moves no median', () => {
    for (const [{ rarity }, reason] of written) expect(rarity, reason).to.be.below(LEAST_RARITY)
  })

  const others: [string, Partial<ScoreEntry>, EntryReason][] = [
    ['a score', { quality: 1, rarity: 2, windows: 2, withheld: 3 }, 'scored'],
    ['the highest score', { quality: 10_000, rarity: 20_000 }, 'scored'],
    ['a quality of 0 that was computed', { quality: 0, rarity: 0 }, 'scored'],
    ['a quality of 0 with a later reason', { quality: 0, rarity: 4 }, 'unknown'],
    ['a quality of 0 with a rarity', { quality: 0, rarity: 9_000 }, 'unknown'],
    ["the task's fault", { quality: TASK_FAULT, windows: 2 }, 'taskFault'],
    ['no decision', { quality: NO_DECISION, windows: 2, withheld: 1 }, 'undecided'],
    ['no decision with a reason', { quality: NO_DECISION, rarity: 2 }, 'unknown'],
    ['no decision beside a miss', { quality: NO_DECISION, windows: MISSED }, 'unknown'],
    ["a task's fault with a reason", { quality: TASK_FAULT, rarity: 2 }, 'unknown'],
    ['a later reason of a failed gate', { quality: GATE_FAILED, rarity: 18 }, 'unknown'],
    ['false targets beside a miss', { quality: GATE_FAILED, rarity: 16, windows: MISSED }, 'unknown'],
    ['a failed replay that is none', { quality: GATE_FAILED, rarity: 10 }, 'unknown'],
    ['a replay that failed another gate', { quality: GATE_FAILED, rarity: 2, windows: MISSED }, 'unknown'],
    ['a miss without a failed gate', { quality: 5_000, rarity: 10, windows: MISSED }, 'unknown'],
    ['a miss in what was not audited', { quality: NOT_AUDITED, windows: MISSED }, 'unknown'],
    ['a later reason of what was not audited', { quality: NOT_AUDITED, rarity: 4 }, 'unknown'],
    ['a quality that there is not', { quality: 12_000 }, 'unknown'],
  ]
  for (const [what, entry, reason] of others)
    it(`of ${what} is "${reason}"`, () => expect(entryReason(scoreEntry(entry))).to.equal(reason))

  it('changes no verdict, whatever it is', () => {
    const judge = (...entries: ScoreEntry[]) =>
      judgeMember(
        entries.map((entry, seat) => ({ seat, entry })),
        { committeeSize: 5, windows: 6, named: false },
        STANDING,
      )
    const anyReason = fc.constantFrom(...written.map(([entry]) => entry))
    const rarity = fc.oneof(
      fc.nat(20).map((units) => 2 * units),
      fc.nat(20_000),
    )
    const anyScore = fc.record({ quality: fc.integer({ min: 1, max: 10_000 }), rarity }).map(scoreEntry)
    fc.assert(
      fc.property(fc.array(fc.oneof(anyReason, anyScore), { minLength: 3, maxLength: 5 }), (entries) => {
        const isReason = ({ quality }: ScoreEntry) => quality === 0 || quality > 10_000
        const bare = entries.map((entry) => (isReason(entry) ? { ...entry, rarity: 0 } : entry))
        expect(judge(...entries)).to.deep.equal(judge(...bare))
      }),
      { seed: 4, numRuns: 500 },
    )
    const scored = (rarity: number) => scoreEntry({ quality: 8_000, rarity })
    const withheld = withheldEntry({ windows: 0, withheld: 0 })
    expect(judge(scored(0), scored(5_000), scored(5_000), withheld, withheld)).to.include({
      qualityBps: 8_000,
      rarityBps: 0,
    })
    const least = scored(LEAST_RARITY)
    expect(judge(withheld, withheld, least, least, least)).to.include({ rarityBps: LEAST_RARITY })
  })

  it('is found for any 32 bits', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (bits) => {
        expect(entryReason(unpackEntry(bits))).to.be.a('string')
      }),
      { seed: 9, numRuns: 200 },
    )
  })
})
