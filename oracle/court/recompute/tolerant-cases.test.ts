import { inexact, tolerant } from '@assay/engine/fixtures/inexact.ts'
import { writeStepCase } from '@assay/engine/run/step-case.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError } from '@assay/sdk/client/errors.ts'
import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { WINDOW_GOOD } from '@assay/sdk/protocol/jury-votes.ts'
import { expect } from 'chai'
import { numberToHex } from 'viem'
import { type HandMadeUpdate, halved, stepCaseOf } from '../../../test/e2e/support/hand-made-update.ts'
import { smallTask } from '../../../test/e2e/support/small-task.ts'
import { placeOf, SEED, type StageScene, startStageScene } from '../../fixtures/stage-scene.ts'
import { stepCharge } from '../step-charge.ts'
import { FALSE_STEP } from './false-step.ts'
import type { RecomputeContext } from './recompute.ts'
import { readWindow } from './window-withheld.ts'

const JUROR = numberToHex(0xa1, { size: 20 })
const WINDOW = 2

describe('cases about training in a tolerant task', () => {
  let scene: StageScene
  /** Too far from its replay to be paid. */
  let update: HandMadeUpdate

  before(async () => {
    scene = await startStageScene(tolerant(smallTask(SEED)))
    update = await scene.make(70, { engine: inexact(scene.engine, 0.2) })
  })
  after(() => scene.stop())

  const evidence = () => writeStepCase(stepCaseOf(scene.engine, update, WINDOW))
  const place = () => ({ place: placeOf(update), commitment: update.commitment })

  it('jurors report the committed state, whatever training it again gives: nobody is slashed', async () => {
    const { stateHashes } = update.training
    const context = {
      reader: { deployment: { contracts: {} }, chain: { readContract: async () => ({}) } },
      // Neither engine nor model nor store: a juror that has none of them comes to the same.
      bench: { package: async () => scene.task },
      juror: JUROR,
    } as unknown as RecomputeContext
    const facts = { accused: stateHashes[WINDOW + 1]! } as CaseFacts
    for (const shown of [evidence(), new Uint8Array(), undefined])
      expect(await FALSE_STEP.recompute(context, facts, shown)).to.deep.include({ value: facts.accused })
  })

  it('readers find a window good that is shown, and missing one that is not', async () => {
    const question = {
      ...place(),
      window: WINDOW,
      batchSeed: update.batchSeed,
      start: async () => scene.base,
      reader: JUROR,
    }
    expect(await readWindow(scene.engine, question, evidence())).to.deep.include({ value: WINDOW_GOOD })
    const other = await scene.make(71)
    const notIts = writeStepCase(stepCaseOf(scene.engine, other, WINDOW))
    for (const bytes of [notIts, evidence().subarray(1), new Uint8Array()])
      expect(await readWindow(scene.engine, question, bytes)).to.equal('missing')
  })

  it('readers find a first window missing that starts from another model than the round', async () => {
    const elsewhere = await scene.make(72, { base: halved(scene.base) })
    const question = {
      place: placeOf(elsewhere),
      commitment: elsewhere.commitment,
      window: 0,
      batchSeed: elsewhere.batchSeed,
      start: async () => scene.base,
      reader: JUROR,
    }
    const shown = writeStepCase(stepCaseOf(scene.engine, elsewhere, 0))
    expect(await readWindow(scene.engine, question, shown)).to.equal('missing')
    const honest = await scene.make(73)
    const own = {
      ...question,
      place: placeOf(honest),
      commitment: honest.commitment,
      batchSeed: honest.batchSeed,
    }
    const good = writeStepCase(stepCaseOf(scene.engine, honest, 0))
    expect(await readWindow(scene.engine, own, good)).to.deep.include({ value: WINDOW_GOOD })
  })

  it('are not opened: a charge is refused with the reason', async () => {
    const { spec } = scene.task
    const refusal = await stepCharge({} as AssayReader, {
      spec,
      taskId: 3n,
      round: 4,
      clear: evidence(),
    }).catch((error: unknown) => error)
    expect(refusal).to.be.instanceOf(AssayError)
    expect((refusal as AssayError).message).to.contain('Task 3 is tolerant')
  })
})
