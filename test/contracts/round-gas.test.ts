import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { BUDGETS } from '../../benchmarks/gas/figures.ts'
import { measureStart } from '../../benchmarks/gas/measure.ts'

/** 22 cohorts: 10 for each of the 11 validators, as the budget of a score entry assumes. */
const CONTRIBUTORS = 352
/** With so few contributors a round's fixed cost stands out: these two are held at 1,000 by `npm run bench:gas` alone. */
const NEEDS_MORE = ['roundPerContributorSecond', 'roundPerContributorRelayedSecond']

describe('Gas budgets of a round', () => {
  it('hold in the first two rounds of a task and in the claims after them', async () => {
    const measured = await measureStart(keccak256(toHex('gas budgets')), CONTRIBUTORS)
    const held: string[] = []
    for (const [name, gas] of Object.entries(measured)) {
      const budget = BUDGETS.get(name)
      if (budget === undefined || NEEDS_MORE.includes(name)) continue
      expect(gas, name).to.be.at.most(budget).and.above(1_000)
      held.push(name)
    }
    expect(held).to.have.members([
      'claim',
      'claimFirst',
      'submitSecond',
      'submitRelayedPerHeadSecond',
      'scorePerEntrySecond',
      'settlePerContributorSecond',
      'settlePerContributorFirst',
    ])
  })
})
