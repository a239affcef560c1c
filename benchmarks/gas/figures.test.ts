import { expect } from 'chai'
import { complaints, FIGURES, type Figures, table } from './figures.ts'

/** Figures exactly at their budgets, 1 where there is none. */
function within(): Figures {
  const pairs = FIGURES.map((figure) => [figure.name, 'budget' in figure ? figure.budget : 1])
  return Object.fromEntries(pairs) as Figures
}

function measured(largest: Partial<Figures>): Map<number, Figures> {
  return new Map([
    [10, within()],
    [1_000, { ...within(), ...largest }],
  ])
}

describe('Gas budgets', () => {
  it('has nothing to say when every figure is within its budget', () => {
    expect(complaints(measured({}))).to.deep.equal([])
  })

  it('complains about a budget that the largest stage breaks by one', () => {
    expect(complaints(measured({ settlePerContributor: 23_001 }))).to.deep.equal([
      'settle, a contributor: 23001 gas is above its budget of 23000',
    ])
  })

  it("complains about a user's call that grows with the number of contributors", () => {
    expect(complaints(measured({ submitFirst: 2 }))).to.deep.equal([
      'submit, alone, first round: grows from 1 gas at 10 to 2 at 1000',
    ])
  })

  it('says in the table which figures others published', () => {
    expect(table(measured({}))).to.include('published by peers, not measured here')
  })
})
