import { expect } from 'chai'
import { castOf } from './cast.ts'
import { type DemoOptions, parseDemoOptions } from './options.ts'

const parse = (line: string) => parseDemoOptions(line.split(' ').filter((part) => part !== '')) as DemoOptions

describe('the demo: its cast', () => {
  it('has the same people in the same places whatever the mix', () => {
    const [mixed, clean] = [castOf(parse('--seed 3')), castOf(parse('--seed 3 --attackers none'))]

    expect(mixed.contributors.map(({ address }) => address)).to.deep.equal(
      clean.contributors.map(({ address }) => address),
    )
    expect(mixed.contributors.map(({ behaviour }) => behaviour)).to.deep.equal([
      ...Array(6).fill('honest'),
      ...['sign-flip', 'resubmit', 'copy', 'fake-work'],
    ])
    expect(mixed.validators.at(-1)!.behaviour).to.equal('lazy')
    expect(castOf(parse('--seed 4')).owner.address).to.not.equal(mixed.owner.address)
  })

  it('gives everybody an account and a fee of their own, and each copier an honest accomplice', () => {
    const { contributors, validators, owner } = castOf(
      parse('--attackers copy:4 --validators 13 --lazy-validators 4'),
    )
    const everybody = [owner, ...contributors, ...validators]

    expect(new Set(everybody.map(({ address }) => address)).size).to.equal(24)
    expect(new Set(everybody.map(({ priorityFeeWei }) => priorityFeeWei)).size).to.equal(24)
    const honest = contributors.filter(({ behaviour }) => behaviour === 'honest').map(({ name }) => name)
    for (const { behaviour, accomplice } of contributors) {
      if (behaviour === 'copy') expect(honest).to.include(accomplice)
      else expect(accomplice).to.equal(undefined)
    }
  })
})
