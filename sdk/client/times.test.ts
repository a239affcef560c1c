import { expect } from 'chai'
import { timeText } from './times.ts'

describe('times', () => {
  it('are told in local time, with its distance from UTC', () => {
    const text = timeText(1_800_000_000)
    expect(text).to.match(/^2027-01-1\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/)
    expect(Date.parse(text.replace(' ', 'T').replace(' ', ''))).to.equal(1_800_000_000_000)
    expect(timeText(1_800_000_000n)).to.equal(text)
  })

  it('that no calendar has are told as they are', () => {
    expect([2n ** 256n - 1n, 8.64e12 + 1, -1, Number.NaN].map(timeText)).to.deep.equal([
      `second ${2n ** 256n - 1n}`,
      'second 8640000000001',
      'second -1',
      'second NaN',
    ])
  })
})
