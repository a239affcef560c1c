import { expect } from 'chai'
import { debtsOf, earningsOf } from './money-views.ts'
import {
  EARNINGS_WORD,
  HELD_WORD,
  PARTICIPANT_WORD,
  packWord,
  ROUND_TERMS_WORD,
  type WordLayout,
} from './words.ts'

/** A word with these fields; the others are zero. */
function wordOf(layout: WordLayout, fields: Record<string, bigint>): bigint {
  const all = layout.flatMap((field) => ('name' in field ? [[field.name, fields[field.name] ?? 0n]] : []))
  return packWord(layout, Object.fromEntries(all))
}

describe('what an account has earned', () => {
  const terms = wordOf(ROUND_TERMS_WORD, { challengeSeconds: 1_000n })

  it('tells apart what open cases keep, whether it would have matured or not', () => {
    const words = {
      terms,
      earnings: wordOf(EARNINGS_WORD, { claimable: 7n }),
      held: wordOf(HELD_WORD, { amount: 5n }),
      seized: wordOf(EARNINGS_WORD, { claimable: 1n, current: 20n, previous: 300n }),
      participant: wordOf(PARTICIPANT_WORD, { cases: 2n, season: 255n }),
    }
    expect(earningsOf(words, 0)).to.deep.equal({
      matured: 7n,
      pending: 0n,
      held: 5n,
      seized: 321n,
      cases: 2,
      nextMaturesAt: undefined,
    })
  })

  it('is nothing in a task that does not exist', () => {
    const words = { terms: 0n, earnings: 0n, held: 0n, seized: 0n, participant: 0n }
    expect(earningsOf(words, 0)).to.equal(undefined)
  })

  it('was forfeited, in part, to the task', () => {
    expect(debtsOf({ totals: 0n, purse: 0n, forfeited: 9n }).forfeited).to.equal(9n)
  })
})
