import { packageOf, seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { contentHashes } from '@assay/engine/package/content-hash.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import { expect } from 'chai'
import { DATASETS } from './registry.ts'
import { stepsOfWindow } from './windows-of.ts'

describe('data sets of the lab', () => {
  for (const dataset of DATASETS) {
    it(`${dataset.name}: task, shards and test fit, and have nothing in common`, async () => {
      const seed = seedOf('data sets of the lab')
      const { spec, holdout } = await packageOf(await dataset.contents({ seed, steps: 60 }))
      expect(windowCount(spec)).to.equal(20)
      const shards = await dataset.shards({ seed, contributors: 20, partition: { dirichlet: 0.5 } })
      const test = await dataset.test()
      expect(shards).to.have.length(20)
      const parts = [...shards, holdout, test]
      const hashes = parts.flatMap((part) => [...new Set(contentHashes(part))])
      expect(new Set(hashes).size).to.equal(hashes.length)
      for (const { y } of parts)
        expect(y.every((label) => label >= 0 && label < dataset.classes)).to.equal(true)
    })

    it(`${dataset.name}: the trigger changes every sample, and only its features`, async () => {
      const test = await dataset.test()
      const triggered = dataset.triggered(test)
      expect(triggered.y).to.equal(test.y)
      const before = contentHashes(test)
      expect(contentHashes(triggered).every((hash, i) => hash !== before[i])).to.equal(true)
    })
  }

  it('have windows of few steps, or say which numbers of steps do', () => {
    expect([60, 100, 400, 49].map(stepsOfWindow)).to.deep.equal([3, 4, 4, 7])
    expect(() => stepsOfWindow(11)).to.throw(
      RangeError,
      '11 steps have no windows of 3 to 10 steps: use a multiple of 3, such as 9',
    )
  })
})
