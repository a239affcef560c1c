import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { expect } from 'chai'
import { playContributor, playValidator } from './play.ts'
import { BEHAVIOURS, behaviourNamed } from './registry.ts'

/** What behaviours share; each other file is one of them. */
const SHARED = ['behaviour.ts', 'fake-trace.ts', 'leak.ts', 'play.ts', 'registry.ts']
const seed = seedOf('chance')
const sharedDir = '/nowhere'

describe('the registry of behaviours', () => {
  it('has each file’s behaviour, and no other', async () => {
    const files = readdirSync(import.meta.dirname).filter(
      (file) => !file.endsWith('.test.ts') && !SHARED.includes(file),
    )
    const exported = await Promise.all(files.map((file) => import(join(import.meta.dirname, file))))
    const found = exported.flatMap((file) => Object.values(file))
    expect(found).to.have.length(files.length)
    expect(found).to.have.members([...BEHAVIOURS])
    expect(BEHAVIOURS.map(({ name }) => `${name}.ts`)).to.have.members(files)
  })

  for (const { role, name, description, defaultCount, parameter, expected } of BEHAVIOURS) {
    it(`tells of ${name} what help, cast and judge need`, () => {
      expect(name)
        .to.match(/^[a-z]+(-[a-z]+)*$/)
        .and.not.equal('honest')
      expect(description).to.match(new RegExp(`^${role}s that .*[^.]$`))
      expect(defaultCount).to.satisfy(Number.isInteger).and.be.within(0, 63)
      expect(expected.mostPayBps).to.satisfy(Number.isInteger).and.be.within(0, 20_000)
      expect(expected.mostComputePayBps ?? 0)
        .to.satisfy(Number.isInteger)
        .and.be.within(0, expected.mostPayBps)
      if (parameter !== undefined) expect(parameter.default).to.be.within(parameter.least, parameter.most)
    })
  }

  it('knows nobody else', () => {
    expect(behaviourNamed('contributor', 'zero').description).to.match(/^contributors that/)
    expect(() => behaviourNamed('contributor', 'lazy')).to.throw(
      '"lazy" is no behaviour of a contributor: use sign-flip, resubmit, copy',
    )
    expect(() => playValidator({ name: 'bribed', seed })).to.throw('use lazy, silent')
  })

  it('gives the honest nothing to deviate with', () => {
    expect(playContributor({ name: 'honest', seed, sharedDir })).to.deep.equal({})
    expect(playValidator({ name: 'honest', seed })).to.deep.equal({})
  })

  it('refuses a parameter out of bounds, or where there is none', () => {
    const play = (name: string, parameter: number) => () =>
      playContributor({ name, seed, sharedDir, parameter })
    expect(play('copy', 1)).to.not.throw()
    expect(play('copy', 1.5)).to.throw('is 1.5, but must be from 0 to 1: use 0.05')
    expect(play('copy', Number.NaN)).to.throw('is NaN')
    expect(play('zero', 1)).to.throw('zero takes no parameter, but was given 1: leave it out')
  })

  it('refuses an accomplice of somebody who needs none', () => {
    expect(() => playContributor({ name: 'zero', seed, sharedDir, isAccomplice: true })).to.throw(
      'zero needs no accomplice',
    )
  })
})
