import { entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { clusters, flipped, LINE, smallTask } from '../../test/e2e/support/small-task.ts'
import { type CohortScene, startCohortScene } from '../fixtures/cohort-scene.ts'
import { entryOf } from '../sheet.ts'

describe('the targets of shown samples', () => {
  let scene: CohortScene
  before(async () => {
    scene = await startCohortScene(smallTask(zeroHash, { grid: LINE }), { trainedRounds: 6 })
  })
  after(() => scene.stop())

  it('fail an update that was trained on false ones, once the model knows better', async () => {
    const honest = [await scene.handIn(0), await scene.handIn(1)]
    const liar = await scene.handIn(2, { data: flipped(clusters(deriveSeed(zeroHash, 'flipped'), 60)) })
    const [first, second, found] = await scene.find({ cohort: [...honest, liar] })
    expect([first!.failed, second!.failed]).to.deep.equal([undefined, undefined])
    expect(found!.failed).to.include({ gate: 'S5 targets' })
    expect(found!.failed!.reason).to.match(
      /^the targets of \d\d\.\d % of the \d+ samples that it shows surprise the base model .* of true ones at most \d+\.\d %$/,
    )
    const entry = entryOf(found!)
    expect(entryReason(entry)).to.equal('S5 targets')
    expect(entry.windows, 'a judgement, which nobody has to prove').to.equal(0)
  })
})
