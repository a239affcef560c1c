import { expect } from 'chai'
import { sampleCountOf } from './round-facts.ts'

const ALICE = '0xAAaAaaAaAaaAaaaAaaAaaaAAaaaaaAaaAaAaAaAa'
const BOB = `0x${'bb'.repeat(20)}` as const
const ROOT = `0x${'01'.repeat(32)}` as const
const OTHER_ROOT = `0x${'02'.repeat(32)}` as const

describe('samples that a contributor enrolled with', () => {
  const enrolments = [
    { contributor: BOB, dataRoot: OTHER_ROOT, dataUnits: 7 },
    { contributor: ALICE.toLowerCase() as `0x${string}`, dataRoot: ROOT, dataUnits: 5_000 },
  ]

  it('are read from the log, in full even if fewer count', () => {
    expect(sampleCountOf(enrolments, ALICE, ROOT)).to.equal(5_000)
  })

  it('are not guessed when the log lacks the enrolment', () => {
    expect(() => sampleCountOf(enrolments.slice(0, 1), ALICE, ROOT)).to.throw(
      `lacks the enrolment of ${ALICE}`,
    )
    expect(() => sampleCountOf(enrolments, ALICE, OTHER_ROOT)).to.throw('it lags behind')
  })
})
