import { EngineRefusal, type RefusalCode } from '@assay/engine/refusal.ts'
import { type StepCase, writeStepCase } from '@assay/engine/run/step-case.ts'
import { WINDOW_DIFFERS, WINDOW_GOOD } from '@assay/sdk/protocol/jury-votes.ts'
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
import { type ReadQuestion, readWindow } from './window-withheld.ts'

const READER = numberToHex(0xa1, { size: 20 })

describe('a window that readers get', () => {
  let scene: StageScene
  let honest: HandMadeUpdate

  before(async () => {
    scene = await startStageScene()
    honest = await scene.make(40)
  })
  after(() => scene.stop())

  const shown = (update: HandMadeUpdate, window: number, changes: Partial<StepCase> = {}): Uint8Array =>
    writeStepCase({ ...stepCaseOf(scene.engine, update, window), ...changes })

  const questionOf = (update: HandMadeUpdate, window: number, reader = READER): ReadQuestion => ({
    place: placeOf(update),
    commitment: update.commitment,
    window,
    batchSeed: update.batchSeed,
    start: async () => scene.base,
    reader,
  })

  it('is good in every window of an honest contributor', async () => {
    for (let window = 0; window < WINDOWS; window++) {
      const found = await readWindow(scene.engine, questionOf(honest, window), shown(honest, window))
      expect(found).to.deep.include({ value: WINDOW_GOOD })
    }
  })

  it('differs where training was faked, and where it started from another model', async () => {
    const faked = await scene.make(41, { fakeFinal: halved(scene.base) })
    const last = WINDOWS - 1
    expect(await readWindow(scene.engine, questionOf(faked, last), shown(faked, last))).to.deep.include({
      value: WINDOW_DIFFERS,
    })
    const elsewhere = await scene.make(42, { base: halved(scene.base) })
    expect(await readWindow(scene.engine, questionOf(elsewhere, 0), shown(elsewhere, 0))).to.deep.include({
      value: WINDOW_DIFFERS,
    })
  })

  it('gives each reader a witness of its own, of the evidence that it got', async () => {
    const ask = (window: number, reader = READER) =>
      readWindow(scene.engine, questionOf(honest, window, reader), shown(honest, window))
    const witnesses = [
      await ask(1),
      await ask(1, numberToHex(0xa2, { size: 20 })),
      await ask(2),
      await ask(1),
    ]
    const distinct = new Set(witnesses.map((found) => (found as { witness: Hash }).witness))
    expect(distinct.size).to.equal(3)
  })

  it('counts as withheld where something else is given: then nobody could accuse the step', async () => {
    const other = await scene.make(43)
    const good = shown(honest, 1)
    const evidence = evidenceOf(scene.engine, honest, 1)
    const alone = { ...honest.opening, stateRoot: other.opening.stateRoot }
    const notIts: [string, Uint8Array][] = [
      ['cut', good.subarray(0, good.length - 1)],
      ['longer', Uint8Array.of(...good, 0)],
      ['of another window', shown(honest, 2)],
      [
        'that only says it is this window',
        shown(honest, 1, { evidence: evidenceOf(scene.engine, honest, 2) }),
      ],
      ['of another contributor', shown(other, 1)],
      ['with the training of another', shown(honest, 1, { evidence: evidenceOf(scene.engine, other, 1) })],
      ['with another number of samples', shown(honest, 1, { sampleCount: honest.data.n + 1 })],
      ['with another salt', shown(honest, 1, { fields: { ...honest.opening, salt: zeroHash } })],
      ['under another state root', shown(honest, 1, { fields: alone })],
      ['with a state that is not committed', shown(honest, 1, { evidence: changed(evidence) })],
      ['empty', new Uint8Array()],
    ]
    for (const [what, bytes] of notIts)
      expect(await readWindow(scene.engine, questionOf(honest, 1), bytes), what).to.equal('missing')
  })

  it('differs if it ends in no finite state, and says nothing if the graph or the engine fails', async () => {
    const ask = (code: RefusalCode) =>
      readWindow(refusingSteps(scene.engine, code), questionOf(honest, 1), shown(honest, 1))
    expect(await ask('state')).to.deep.include({ value: WINDOW_DIFFERS })
    expect(await ask('graph')).to.equal('cannot')
    const broken = await ask('limit').catch((error: unknown) => error)
    expect(broken).to.be.instanceOf(EngineRefusal).and.include({ code: 'limit' })
  })

  /** One bit of the last value is another one. */
  const changed = (bytes: Uint8Array) => bytes.with(bytes.length - 4, bytes.at(-4)! ^ 1)
})
