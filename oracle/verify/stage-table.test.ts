import { GATE_REASONS } from '@assay/sdk/protocol/entry-reasons.ts'
import { expect } from 'chai'
import { RUN_ORDER, STAGE_TABLE } from './stage-table.ts'

const names = (stages: readonly { name: string }[]) => stages.map(({ name }) => name)

describe('the stage table', () => {
  it('is in the order of the protocol', () => {
    expect(names(STAGE_TABLE)).to.deep.equal(['S0', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6'])
  })

  it('runs every stage that looks at updates once, in that order except for those needed earlier', () => {
    expect(names(RUN_ORDER)).to.deep.equal(['S0', 'S1', 'S5', 'S2', 'S4'])
  })

  it('gives every gate a reason that its entries can say, by its number', () => {
    for (const { name, does } of RUN_ORDER)
      if (does.startsWith('gate')) expect(GATE_REASONS.indexOf(name), name).to.equal(Number(name.slice(1)))
  })

  it('runs no stage before one that it needs', () => {
    const order = names(RUN_ORDER)
    for (const { name, needs } of RUN_ORDER)
      for (const needed of needs)
        expect(order.indexOf(needed), `${name} needs ${needed}`).to.be.within(0, order.indexOf(name) - 1)
  })
})
