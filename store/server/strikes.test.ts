import { expect } from 'chai'
import { openStrikes } from './strikes.ts'

describe('bad tickets', () => {
  const far = '203.0.113.7'

  it('of one address are checked up to a number a minute', () => {
    let now = 0
    const strikes = openStrikes(() => now)
    for (let i = 0; i < 30; i++) {
      strikes.require(far)
      strikes.note(far)
    }
    expect(() => strikes.require(far)).to.throw('203.0.113.7 sent 30 bad tickets within a minute.')
    strikes.require('203.0.113.8')
    for (let i = 0; i < 30; i++) strikes.note(`2001:db8::${i}`)
    expect(() => strikes.require('2001:db8::ff')).to.throw('2001:db8:0:0::/64 sent 30 bad tickets')
    strikes.require('2001:db8:0:1::')
    now = 60_000
    strikes.require(far)
    strikes.note(far)
    strikes.require(far)
  })

  it('of this machine are checked always: its programs share one address', () => {
    const strikes = openStrikes()
    for (let i = 0; i < 100; i++) strikes.note('127.0.0.1')
    strikes.require('127.0.0.1')
  })
})
