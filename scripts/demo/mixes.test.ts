import type { SimulatedValidator } from '@assay/lab/behaviours/behaviour.ts'
import { BEHAVIOURS, behaviourNamed } from '@assay/lab/behaviours/registry.ts'
import { expect } from 'chai'
import { campaignMixes } from './mixes.ts'
import { parseDemoOptions } from './options.ts'

describe('the campaign: its mixes', () => {
  it('are all taken by the demo, and have every behaviour in one of them', () => {
    const played = Object.values(campaignMixes()).flatMap((mix) => {
      const { attackers, deviantValidators } = parseDemoOptions(mix)!
      return [...attackers, ...deviantValidators].map(({ behaviour }) => behaviour)
    })
    expect([...new Set(played)]).to.have.members([...BEHAVIOURS])
  })

  it('take in a new behaviour by themselves', () => {
    const gone: SimulatedValidator = { ...behaviourNamed('validator', 'silent'), name: 'gone' }
    const bribed = { ...behaviourNamed('contributor', 'zero'), name: 'bribed' }
    const mixes = campaignMixes([...BEHAVIOURS, bribed, gone])
    expect(mixes.everything?.join(' ')).to.match(/^--contributors \d+ --attackers .*,bribed:1$/)
    expect(mixes.gone).to.deep.equal(['--gone-validators', '1'])
    expect(Object.keys(mixes)).to.deep.equal([...Object.keys(campaignMixes()), 'gone'])
  })
})
