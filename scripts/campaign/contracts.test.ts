import { expect } from 'chai'
import { UsageError } from '../command/usage-error.ts'
import { CALLS_PER_SEED, parseProgress, seedsToRun, totalOf } from './contracts.ts'

describe('the campaign of random calls', () => {
  it('takes as many seeds as the calls need, and none that passed before', () => {
    expect(seedsToRun(1, 7, {}, 'a')).to.deep.equal([7])
    expect(seedsToRun(CALLS_PER_SEED + 1, 7, {}, 'a')).to.deep.equal([7, 8])
    const result = { seconds: 9.4, passed: true, calls: CALLS_PER_SEED, sources: 'a' }
    const done = { 7: result, 8: { ...result, passed: false } }
    expect(seedsToRun(3 * CALLS_PER_SEED, 7, done, 'a')).to.deep.equal([8, 9])
    expect(totalOf(done, 'a')).to.equal(`${CALLS_PER_SEED} calls in 1 seeds and 9 seconds`)
    expect(totalOf({ ...done, 9: result }, 'a')).to.equal(
      `${2 * CALLS_PER_SEED} calls in 2 seeds and 19 seconds`,
    )
  })

  it('counts no seed of other sources, or of fewer calls', () => {
    const result = { seconds: 9, passed: true, calls: CALLS_PER_SEED, sources: 'a' }
    expect(seedsToRun(1, 7, { 7: result }, 'b')).to.deep.equal([7])
    expect(seedsToRun(1, 7, { 7: { ...result, calls: CALLS_PER_SEED - 1 } }, 'a')).to.deep.equal([7])
    expect(seedsToRun(1, 7, { 7: { seconds: 9, passed: true } }, 'a')).to.deep.equal([7])
    expect(totalOf({ 7: result }, 'b')).to.equal('0 calls in 0 seeds and 0 seconds')
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
