import { expect } from 'chai'
import fc from 'fast-check'
import { failedEntry, unauditedEntry, undecidedEntry, withheldEntry } from './entry-reasons.ts'
import {
  accusedValue,
  entryClass,
  firstInvalid,
  GATE_FAILED,
  isComputed,
  isValidEntry,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  packEntry,
  packSheet,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
  unpackEntry,
  unpackSheet,
} from './score-words.ts'

const SEED = 20_015
const entry: fc.Arbitrary<ScoreEntry> = fc.record({
  quality: fc.oneof(
    fc.integer({ min: 0, max: 10_000 }),
    fc.constantFrom(NO_DECISION, TASK_FAULT, GATE_FAILED, NOT_AUDITED),
  ),
  rarity: fc.integer({ min: 0, max: 10_000 }).map((units) => 2 * units),
  windows: fc.integer({ min: 0, max: 3 }),
  withheld: fc.integer({ min: 0, max: 3 }),
})

describe('Score words', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 16 }), (entries) => {
        const sheet = packSheet(entries)
        expect(unpackSheet(sheet, entries.length)).to.deep.equal(entries)
        expect(firstInvalid(sheet, entries.length)).to.equal(undefined)
        expect(sheet.every((word) => word < 2n ** 256n)).to.equal(true)
      }),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('put each field at its bits', () => {
    const place = (fields: Partial<ScoreEntry>) => packEntry(scoreEntry(fields))
    expect(place({ quality: 1 })).to.equal(1)
    expect(place({ rarity: 2 })).to.equal(2 ** 14)
    expect(place({ rarity: 3 })).to.equal(2 ** 14)
    expect(place({ windows: 1 })).to.equal(2 ** 28)
    expect(place({ withheld: 1 })).to.equal(2 ** 30)
    expect(place({ withheld: 2 })).to.equal(2 ** 31)
    expect(unpackEntry(0xffff_ffff)).to.deep.equal({
      quality: 16_383,
      rarity: 32_766,
      windows: 3,
      withheld: 3,
    })
    const ninth = packSheet([...Array.from({ length: 8 }, () => scoreEntry({})), scoreEntry({ quality: 7 })])
    expect(ninth).to.deep.equal([0n, 7n])
  })

  it('refuse what the contract would refuse, naming the field', () => {
    const good = scoreEntry({})
    const bad: [Partial<ScoreEntry>, string][] = [
      [{ quality: 10_001 }, 'quality 10001'],
      [{ quality: 16_379 }, 'quality 16379'],
      [{ quality: -1 }, 'quality -1'],
      [{ quality: 0.5 }, 'quality 0.5'],
      [{ rarity: 20_001 }, 'rarity 20001'],
      [{ windows: 4 }, 'windows 4'],
      [{ withheld: 4 }, 'withheld 4'],
      [{ rarity: Number.NaN }, 'rarity NaN'],
    ]
    for (const [field, message] of bad)
      expect(() => packEntry({ ...good, ...field })).to.throw(RangeError, message)
    expect(() => packSheet(Array.from({ length: 17 }, () => good))).to.throw(RangeError, '17 entries')
  })

  it('find the entry that is out of range or beyond the cohort', () => {
    expect(isValidEntry(10_000)).to.equal(true)
    expect(isValidEntry(10_001)).to.equal(false)
    expect(isValidEntry(NO_DECISION - 1)).to.equal(false)
    expect(isValidEntry(NO_DECISION)).to.equal(true)
    expect(isValidEntry(GATE_FAILED)).to.equal(true)
    expect(firstInvalid([0n, 10_001n << 32n], 16)).to.equal(9)
    expect(firstInvalid([1n << 64n, 0n], 2)).to.equal(2)
  })

  it('tell the class of an entry', () => {
    expect(entryClass({ quality: 0, windows: 2 })).to.equal('audited')
    expect(entryClass({ quality: NO_DECISION, windows: 2 })).to.equal('audited')
    expect(entryClass({ quality: NO_DECISION, windows: MISSED })).to.equal('gateFailed')
    expect(entryClass({ quality: NOT_AUDITED, windows: 0 })).to.equal('notAudited')
    expect(entryClass({ quality: GATE_FAILED, windows: 0 })).to.equal('gateFailed')
    expect(entryClass({ quality: TASK_FAULT, windows: 0 })).to.equal('taskFault')
    expect(entryClass({ quality: NOT_AUDITED, windows: MISSED })).to.equal('gateFailed')
  })

  it('tell what can be computed again, and what jurors report of it', () => {
    const computed = [
      scoreEntry({ quality: 10_000 }),
      scoreEntry({ quality: 0, windows: 2 }),
      failedEntry('S1'),
      undecidedEntry({ windows: 2, withheld: 3 }),
      scoreEntry({ quality: NO_DECISION, rarity: 2 }),
    ]
    for (const one of computed) expect(isComputed(packEntry(one))).to.equal(true)
    const judged = [failedEntry('S0'), failedEntry('S4'), failedEntry('S5'), unauditedEntry('notDrawn')]
    const withheld = withheldEntry({ windows: 0, withheld: 0 })
    const others = [scoreEntry({ quality: TASK_FAULT })]
    for (const one of [...judged, withheld, ...others]) expect(isComputed(packEntry(one))).to.equal(false)
    const said = packEntry(scoreEntry({ quality: 5, rarity: 6, windows: 2, withheld: 3 }))
    expect(accusedValue(said)).to.equal(`0x80${'0'.repeat(54)}0000c005`)
  })
})
