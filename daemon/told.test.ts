import { expect } from 'chai'
import { openTold } from './told.ts'

describe('what was told', () => {
  it('is news once, until the cause changes', () => {
    const told = openTold()
    const causes = ['poor', 'poor', 'over', 'over', 'poor']
    expect(causes.map((cause) => told.isNews('enrolment', cause))).to.deep.equal([
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('is kept apart by subject', () => {
    const told = openTold()
    expect(told.isNews('join', 'poor')).to.equal(true)
    expect(told.isNews('enrolment', 'poor')).to.equal(true)
  })

  it('is news again once it was forgotten', () => {
    const told = openTold()
    told.isNews('enrolment', 'poor')
    told.isNews('join', 'poor')
    told.forget('enrolment')
    expect(told.isNews('enrolment', 'poor')).to.equal(true)
    expect(told.isNews('join', 'poor')).to.equal(false)
  })
})
