import { expect } from 'chai'
import { withholdingBars } from './withholding-bars.ts'
import {
  builtRule,
  cheatAudits,
  honestAudits,
  honestLoss,
  lossPerSkipped,
  steadyWindows,
  triedRule,
} from './withholding-model.ts'

describe('withholding windows', () => {
  const rule = builtRule(6)

  it('meets the bars of the campaign: it costs a cheat, hardly an honest contributor, and no truthful seat', () => {
    for (const { holds, sentence } of withholdingBars()) expect(holds, sentence).to.equal(true)
  })

  it('was nearly free as long as it only proved nothing', () => {
    const free = triedRule({ drawn: 6, readers: 3, windowsLost: 0, shareLost: 0 })
    const season = { rounds: 400, start: steadyWindows(6), auditChance: () => 1 }
    // 30 % skipped, and 97.7 % of the pay kept.
    expect(0.3 * lossPerSkipped(free, season, { total: 10, skipped: 3 })).to.be.within(0.02, 0.03)
  })

  it('would cost it more with two readers a window', () => {
    const season = { rounds: 200, start: steadyWindows(6), auditChance: () => 1 }
    const committee = { seats: 5, validators: 64, hostile: 13 }
    expect(honestLoss({ ...rule, readers: 2 }, season, committee)).to.be.above(0.03)
  })

  it('is computed with probabilities that add up', () => {
    for (const audits of [
      cheatAudits(rule, 10, 3),
      honestAudits(rule, { seats: 5, validators: 11, hostile: 2, words: true }),
    ])
      expect(audits.reduce((sum, { chance }) => sum + chance, 0)).to.be.closeTo(1, 1e-12)
  })
})
