import { failedEntry, unauditedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { type ScoreEntry, scoreEntry, TASK_FAULT } from '@assay/sdk/protocol/score-words.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import type { JudgedCohort } from './draw-up.ts'
import { variantsOf } from './restore-sheet.ts'
import type { Member } from './round-facts.ts'
import type { Measured } from './verify/quality.ts'

const commitmentOf = (n: number): Hash => deriveSeed(zeroHash, 'member', BigInt(n))

/** Each improves the first of two strata by one more than the one before, and the second alike. */
const measured = new Map<Hash, Measured>(
  [0, 1, 2].map((n) => [
    commitmentOf(n),
    { kind: 'scored', score: { qualityBps: 5_000, strataGains: [1 + n, 1] } },
  ]),
)
const scored = (rarity: number) => scoreEntry({ quality: 5_000, rarity, windows: 1 })
const left = unauditedEntry('notLookedAt')
const failed = failedEntry('S0')
const cohort = (number: number, entries: ScoreEntry[]): JudgedCohort => ({
  cohort: number,
  members: entries.map((_, n) => ({ commitment: commitmentOf(n) }) as Member),
  entries,
})

describe('what may have been committed to', () => {
  const now = cohort(0, [scored(9_000), scored(10_000), scored(11_000)])
  const entriesOf = (judged: JudgedCohort[]) =>
    [...variantsOf(judged, measured)].map((variant) => variant.map(({ entries }) => entries))

  it('is first of all what is found now', () => {
    expect(entriesOf([now])[0]).to.deep.equal([now.entries])
  })

  it('is nothing at all, in one cohort or in each, if a store was down', () => {
    const other = cohort(1, [scored(8_000)])
    const tried = entriesOf([now, other])
    const nothing = now.entries.map(() => left)
    expect(tried).to.deep.include([nothing, [left]])
    expect(tried).to.deep.include([nothing, other.entries])
    expect(tried).to.deep.include([now.entries, [left]])
  })

  it('is the same with up to two members not looked at or not opened, and their rarity shared by the others', () => {
    const tried = entriesOf([now]).map(([entries]) => entries)
    // Of two members, gains are 1 : 2 and 1 : 1: pies of 1 for each stratum, shared by gain.
    const [first, second] = [10_000 / 3 + 5_000, 20_000 / 3 + 5_000].map(Math.floor) as [number, number]
    expect(tried).to.deep.include([scored(first), scored(second), failed])
    expect(tried).to.deep.include([scored(first), scored(second), left])
    expect(tried).to.deep.include([failed, left, scored(10_000)])
  })

  it('is the same with what was drawn not looked at, if evidence or an engine was out of reach', () => {
    const drawn = [scored(9_000), failedEntry('S5'), scoreEntry({ quality: TASK_FAULT })]
    const others = [unauditedEntry('notDrawn'), failedEntry('S0'), failedEntry('S1'), failedEntry('S2')]
    const found = cohort(0, [...drawn, ...others, scored(10_000)])
    const other = cohort(1, [scored(8_000)])
    const tried = entriesOf([found, other])
    const expected = [left, left, left, ...others, left]
    expect(tried).to.deep.include([expected, other.entries])
    expect(tried).to.deep.include([expected, [left]])
  })

  it('is the same with up to two copies of updates that the lost database knew', () => {
    const copy = failedEntry('S2')
    const tried = entriesOf([now]).map(([entries]) => entries)
    expect(tried).to.deep.include([copy, copy, scored(10_000)])
    expect(tried).to.deep.include([copy, left, scored(10_000)])
  })

  it('is tried in a bounded number of ways', () => {
    const large = cohort(
      0,
      Array.from({ length: 16 }, () => left),
    )
    expect(entriesOf([large])).to.have.length(1 + 2 + 2 + 3 * 16 + 9 * 120)
  })
})
