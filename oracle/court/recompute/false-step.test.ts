import { EngineRefusal, type RefusalCode } from '@assay/engine/refusal.ts'
import { type StepCase, writeStepCase } from '@assay/engine/run/step-case.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { numberToHex, zeroHash } from 'viem'
import {
  evidenceOf,
  type HandMadeUpdate,
  halved,
  stepCaseOf,
} from '../../../test/e2e/support/hand-made-update.ts'
import { WINDOWS } from '../../../test/e2e/support/small-task.ts'
import { placeOf, refusingSteps, type StageScene, startStageScene } from '../../fixtures/stage-scene.ts'
import { NO_FINITE_STATE, type StepQuestion, trainAgain } from './false-step.ts'

const JUROR = numberToHex(0xa1, { size: 20 })

describe('a false training step', () => {
  let scene: StageScene
  let honest: HandMadeUpdate

  before(async () => {
    scene = await startStageScene()
    honest = await scene.make(40)
  })
  after(() => scene.stop())

  const caseOf = (update: HandMadeUpdate, window: number, changes: Partial<StepCase> = {}): Uint8Array =>
    writeStepCase({ ...stepCaseOf(scene.engine, update, window), ...changes })

  const questionOf = (
    update: HandMadeUpdate,
    window: number,
    changes: Partial<StepQuestion> = {},
  ): StepQuestion => ({
    place: placeOf(update),
    commitment: update.commitment,
    accused: {
      window,
      round: update.opening.round,
      batchSeed: update.batchSeed,
      start: scene.base,
      before: update.training.stateHashes[window]!,
    },
    juror: JUROR,
    ...changes,
  })

  it('of an honest contributor gives the committed state, in every window', async () => {
    for (let window = 0; window < WINDOWS; window++) {
      const found = await trainAgain(scene.engine, questionOf(honest, window), caseOf(honest, window))
      expect(found).to.deep.include({ value: honest.training.stateHashes[window + 1] })
    }
  })

  it('gives another state than the committed one where training was faked', async () => {
    const faked = await scene.make(41, { fakeFinal: halved(scene.base) })
    const last = WINDOWS - 1
    const honestEnd = (await scene.make(41)).training.stateHashes[WINDOWS]!
    const found = await trainAgain(scene.engine, questionOf(faked, last), caseOf(faked, last))
    expect(found).to.deep.include({ value: honestEnd })
    expect(faked.training.stateHashes[WINDOWS]).to.not.equal(honestEnd)
  })

  it('starts the first window from the round’s base model, whatever was committed to there', async () => {
    const elsewhere = await scene.make(42, { base: halved(scene.base) })
    const value = (await scene.make(42)).training.stateHashes[1]!
    const found = await trainAgain(scene.engine, questionOf(elsewhere, 0), caseOf(elsewhere, 0))
    expect(found).to.deep.include({ value })
    expect(elsewhere.training.stateHashes[1]).to.not.equal(value)
  })

  it('gives each juror a witness of its own, of the values on the way', async () => {
    const ask = (juror = JUROR, window = 1) =>
      trainAgain(scene.engine, questionOf(honest, window, { juror }), caseOf(honest, window))
    const witnesses = [
      await ask(),
      await ask(numberToHex(0xa2, { size: 20 })),
      await ask(JUROR, 2),
      await ask(),
    ]
    const distinct = new Set(witnesses.map((found) => (found as { witness: Hash }).witness))
    expect(distinct.size).to.equal(3)
  })

  it('has no evidence where it is malformed, of another window, or not what was committed to', async () => {
    const other = await scene.make(43)
    const good = caseOf(honest, 1)
    const notIts: [string, Uint8Array][] = [
      ['cut', good.subarray(0, good.length - 1)],
      ['longer', Uint8Array.of(...good, 0)],
      ['of another window', caseOf(honest, 2)],
      ['of another contributor', caseOf(other, 1)],
      ['with the samples of another', caseOf(honest, 1, { evidence: evidenceOf(scene.engine, other, 1) })],
      ['with another number of samples', caseOf(honest, 1, { sampleCount: honest.data.n + 1 })],
      ['without samples', caseOf(honest, 1, { sampleCount: 0 })],
      ['of more samples than there can be', caseOf(honest, 1, { sampleCount: 2 ** 24 + 1 })],
      ['with another salt', caseOf(honest, 1, { fields: { ...honest.opening, salt: zeroHash } })],
      ['empty', new Uint8Array()],
    ]
    for (const [what, evidence] of notIts)
      expect(await trainAgain(scene.engine, questionOf(honest, 1), evidence), what).to.equal('missing')
    const nobody = questionOf(honest, 1, { commitment: undefined })
    expect(await trainAgain(scene.engine, nobody, good)).to.equal('missing')
    const moved = { ...questionOf(honest, 1).accused, before: honest.training.stateHashes[2]! }
    expect(await trainAgain(scene.engine, questionOf(honest, 1, { accused: moved }), good)).to.equal(
      'missing',
    )
  })

  it('tells what ends in no finite state from what the graph can’t do, and from an engine that broke', async () => {
    const ask = (code: RefusalCode) =>
      trainAgain(refusingSteps(scene.engine, code), questionOf(honest, 1), caseOf(honest, 1))
    expect(await ask('state')).to.deep.include({ value: NO_FINITE_STATE })
    expect(await ask('graph')).to.equal('cannot')
    const broken = await ask('limit').catch((error: unknown) => error)
    expect(broken).to.be.instanceOf(EngineRefusal).and.include({ code: 'limit' })
  })
})
