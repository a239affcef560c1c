import { expect } from 'chai'
import { zeroHash } from 'viem'
import { nextStep } from './jury-clock.ts'
import type { Look } from './jury-work.ts'

/** 160 seconds to commit: the last call begins after 120. */
const CLOCK = { start: 1_000, end: 1_160 }
const VALUE = { value: zeroHash, witness: zeroHash }
const at = (now: number) => ({ ...CLOCK, now })
const look = (changes: Partial<Look>): Look => ({
  at: 1_000,
  found: undefined,
  isFinal: false,
  reason: undefined,
  ifLate: 'missing',
  ...changes,
})

describe('the clock of a juror', () => {
  it('lets it look at once, for an eighth of the time at most, but half a minute if there is so much', () => {
    const hours = { start: 0, end: 43_200 }
    expect(nextStep(undefined, { ...hours, now: 100 })).to.deep.equal({ do: 'look', seconds: 5_400 })
    expect(nextStep(undefined, at(1_000))).to.deep.equal({ do: 'look', seconds: 30 })
    expect(nextStep(undefined, at(1_110))).to.deep.equal({ do: 'look', seconds: 10 })
  })

  it('lets it vote for what is final as soon as it is found, and only once it is', () => {
    expect(nextStep(look({ found: VALUE, isFinal: true }), at(1_002))).to.deep.equal({
      do: 'vote',
      found: VALUE,
    })
    expect(nextStep(look({ found: 'cannot', isFinal: true }), at(1_002))).to.deep.equal({
      do: 'vote',
      found: 'cannot',
    })
    expect(nextStep(look({}), at(1_119))).to.deep.equal({ do: 'wait' })
  })

  it('has it look again for what was not there, sixteen times until the end', () => {
    const missing = look({ found: 'missing' })
    expect(nextStep(missing, at(1_009))).to.deep.equal({ do: 'wait' })
    expect(nextStep(missing, at(1_010))).to.deep.equal({ do: 'look', seconds: 30 })
  })

  it('gives it one more look at the last call, and has it vote for whatever that finds', () => {
    const missing = look({ at: 1_119, found: 'missing' })
    expect(nextStep(missing, at(1_120))).to.deep.equal({ do: 'look', seconds: 24 })
    for (const found of ['missing', 'cannot', VALUE] as const)
      expect(nextStep(look({ at: 1_120, found }), at(1_121))).to.deep.equal({ do: 'vote', found })
  })

  it('lets nothing that hangs make it silent', () => {
    for (const ifLate of ['missing', 'cannot'] as const) {
      expect(nextStep(look({ ifLate }), at(1_120))).to.deep.equal({ do: 'vote', found: ifLate })
      const last = look({ at: 1_120, ifLate })
      expect(nextStep(last, at(1_143))).to.deep.equal({ do: 'wait' })
      expect(nextStep(last, at(1_144))).to.deep.equal({ do: 'vote', found: ifLate })
    }
  })

  it('gives one that comes late what is left: it started again, or was down', () => {
    expect(nextStep(undefined, at(1_150))).to.deep.equal({ do: 'look', seconds: 6 })
  })
})
