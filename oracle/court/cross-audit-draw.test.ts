import { failedEntry, unauditedEntry, withheldEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { packSheet, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import type { Reveal } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import { expect } from 'chai'
import { type Address, numberToHex, zeroHash } from 'viem'
import { drawAudit } from './cross-audit-draw.ts'

const beacon = deriveSeed(zeroHash, 'beacon')
const accountOf = (n: number): Address => numberToHex(n, { size: 20 })
const [AUDITOR, COLLEAGUE, OTHER] = [1, 2, 3].map(accountOf) as [Address, Address, Address]
const SCORED = scoreEntry({ quality: 5_000, rarity: 9_000 })

function reveal(validator: Address, entries: readonly ScoreEntry[], salt: Hash = beacon): Reveal {
  return { validator, attempt: 0, cohort: 0, sheet: packSheet(entries), salt }
}

describe('the entry that an oracle audits', () => {
  const draw = (reveals: readonly Reveal[], submissions = 4) =>
    drawAudit({ beacon, submissions, reveals }, AUDITOR)

  it('is a colleague’s that can be computed again: a score or a refused update, nothing else', () => {
    const judgements = [
      failedEntry('S0'),
      unauditedEntry('notDrawn'),
      withheldEntry({ windows: 0, withheld: 0 }),
    ]
    expect(draw([reveal(COLLEAGUE, [...judgements, failedEntry('S5')])])).to.equal(undefined)
    expect(draw([reveal(AUDITOR, [SCORED])], 1), 'its own').to.equal(undefined)
    expect(draw([])).to.equal(undefined)
    const found = draw([reveal(COLLEAGUE, [...judgements, SCORED])])
    expect(found).to.include({ validator: COLLEAGUE, cohort: 0, member: 3 })
    expect(draw([reveal(COLLEAGUE, [failedEntry('S1')])], 1)).to.include({ member: 0 })
  })

  it('is another one with other salts, which nobody knew while scores could be chosen', () => {
    const members = Array.from({ length: 16 }, () => SCORED)
    const drawn = Array.from({ length: 40 }, (_, i) => {
      const salt = deriveSeed(zeroHash, 'salt', BigInt(i))
      const found = draw([reveal(COLLEAGUE, members, salt), reveal(OTHER, members)], 16)!
      return `${found.validator}/${found.member}`
    })
    expect(new Set(drawn).size).to.be.above(10)
    expect(new Set(drawn.map((one) => one.split('/')[0])).size).to.equal(2)
  })

  it('is the same whoever draws it again, and another one for each auditor', () => {
    const members = Array.from({ length: 16 }, () => SCORED)
    const reveals = [COLLEAGUE, OTHER].map((validator) => reveal(validator, members))
    expect(draw(reveals, 16)).to.deep.equal(draw(reveals, 16))
    const byAuditor = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify(drawAudit({ beacon, submissions: 16, reveals }, accountOf(100 + i))),
    )
    expect(new Set(byAuditor).size).to.be.above(5)
  })
})
