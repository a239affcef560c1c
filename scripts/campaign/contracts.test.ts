import { expect } from 'chai'
import { UsageError } from '../command/usage-error.ts'
import { CALLS_PER_SEED, parseProgress, seedsToRun } from './contracts.ts'

describe('the campaign of random calls', () => {
  it('takes as many seeds as the calls need, and none that passed before', () => {
    expect(seedsToRun(1, 7, {})).to.deep.equal([7])
    expect(seedsToRun(CALLS_PER_SEED + 1, 7, {})).to.deep.equal([7, 8])
    const done = { 7: { seconds: 9, passed: true }, 8: { seconds: 9, passed: false } }
    expect(seedsToRun(3 * CALLS_PER_SEED, 7, done)).to.deep.equal([8, 9])
  })

  it('goes on from what it wrote, and refuses anything else', () => {
    expect(parseProgress('{"3":{"seconds":1.5,"passed":true}}', 'f')).to.deep.equal({
      3: { seconds: 1.5, passed: true },
    })
    for (const text of [
      '',
      '[]',
      'null',
      '{"a":{"seconds":1,"passed":true}}',
      '{"1":{"seconds":1}}',
      '{"1":null}',
    ])
      expect(() => parseProgress(text, 'out/contracts.json'), text).to.throw(
        UsageError,
        'out/contracts.json is not what a campaign wrote: remove it, or give another folder with --out',
      )
  })
})
