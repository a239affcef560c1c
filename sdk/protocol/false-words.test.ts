import { expect } from 'chai'
import { parseEther } from 'viem'
import { falseWordBond, falseWordPenalty, validatorBase } from './false-words.ts'

const terms = { minBond: parseEther('20'), jurorMinStake: parseEther('1000'), firstSeats: 11 }

describe('what a false score or vote costs', () => {
  it('is 30 % of the least stake times the frozen weight', () => {
    expect(validatorBase(parseEther('1000'), 256)).to.equal(parseEther('1000'))
    expect(validatorBase(parseEther('1000'), 1_024)).to.equal(parseEther('4000'))
    expect(falseWordPenalty(parseEther('4000'))).to.equal(parseEther('1200'))
  })

  it('takes a bond of 5 % of that, at least the court’s, and one and a half times the first panel’s fees', () => {
    expect(falseWordBond(parseEther('4000'), terms)).to.equal(parseEther('60'))
    expect(falseWordBond(parseEther('1000'), terms)).to.equal(parseEther('33'))
    expect(falseWordBond(parseEther('1000'), { ...terms, firstSeats: 3 })).to.equal(parseEther('20'))
  })
})
