import { expect } from 'chai'
import { CliError } from './failure.ts'
import { parseTerms, TERMS_EXAMPLE } from './task-terms.ts'

describe('terms of a task', () => {
  it('takes the example of the help as it stands', () => {
    expect(parseTerms(TERMS_EXAMPLE, 'terms.json')).to.deep.equal(JSON.parse(TERMS_EXAMPLE))
  })

  it('asks for amounts in quotation marks, because numbers of JSON lose digits', () => {
    const priceData = { ...JSON.parse(TERMS_EXAMPLE), priceData: 0.01 }
    expect(() => parseTerms(JSON.stringify(priceData), 'terms.json')).to.throw(
      CliError,
      'terms.json does not hold the terms of a task (priceData: must be an amount in quotation marks, such as "0.01").',
    )
  })

  it('takes any address as the reward token, and no other word than ASSAY', () => {
    const paidIn = (rewardToken: string) => () =>
      parseTerms(JSON.stringify({ ...JSON.parse(TERMS_EXAMPLE), rewardToken }), 'terms.json')

    expect(paidIn('0x5FbDB2315678afecb367f032d93F642f64180aa3')).to.not.throw()
    expect(paidIn('DOLLAR')).to.throw(CliError, 'rewardToken: must be ASSAY or the address of a token')
  })
})
