import { expect } from 'chai'
import { parseEther } from 'viem'
import { challengerNotes } from './challenger-notes.ts'

const TERMS = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 11 }
const stakes = (contributor: string, validator: string) => ({
  contributorStake: parseEther(contributor),
  minValidatorStake: parseEther(validator),
})

describe('what a task owner is told about its stakes', () => {
  it('is nothing where challengers are paid', () => {
    expect(challengerNotes(stakes('110.1', '1000'), TERMS)).to.deep.equal([])
    expect(challengerNotes(stakes('100', '100'), { ...TERMS, firstSeats: 3 })).to.deep.equal([])
  })

  it('names each stake that pays jurors alone, and the least that is enough', () => {
    expect(challengerNotes(stakes('110', '50'), TERMS)).to.deep.equal([
      'contributorStake is 110 ASSAY: 40 % of the 50 % that false training costs pay 11 jurors 22 ASSAY at most, so that whoever proves it earns nothing; give more than 110 ASSAY',
      'minValidatorStake is 50 ASSAY: 40 % of the 30 % that a false score costs pay 11 jurors 22 ASSAY at most, so that whoever proves it earns nothing; give more than 183.333333333333333333 ASSAY',
    ])
  })
})
