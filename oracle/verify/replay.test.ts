import type { Dataset } from '@assay/engine/package/data.ts'
import { stateHash } from '@assay/engine/package/state.ts'
import type { EvidenceResult } from '@assay/engine/run/evidence.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import type { PrivateKeyAccount } from 'viem/accounts'
import {
  type HandMadeUpdate,
  publishEvidence,
  publishUpdate,
} from '../../test/e2e/support/hand-made-update.ts'
import { WINDOWS } from '../../test/e2e/support/small-task.ts'
import { accountOf, SEED, type StageScene, startStageScene, VALIDATOR } from '../fixtures/stage-scene.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { replayWindows } from './replay.ts'

describe('stage S5', () => {
  let scene: StageScene
  const keys = oracleKeys(deriveSeed(SEED, 'oracle'))

  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  const replay = async (
    update: HandMadeUpdate,
    windows: number[],
    as: PrivateKeyAccount = update.account,
    {
      store = scene.store,
      known = new Map(),
    }: { store?: BlobStore; known?: Map<string, EvidenceResult> } = {},
  ) =>
    replayWindows({
      store,
      keys,
      engine: scene.engine,
      commitment: update.commitment,
      contributor: as.address,
      validator: VALIDATOR,
      windows,
      known,
      claim: {
        stateRoot: update.opening.stateRoot,
        dataRoot: update.opening.dataRoot,
        sampleCount: update.data.n,
        batchSeed: update.batchSeed,
        baseStateHash: stateHash(scene.task.spec, scene.base),
        finalStateHash: update.opening.finalState.stateHash,
      },
    })
  const show = async (update: HandMadeUpdate, window: number, of = window) =>
    publishEvidence(scene.store, scene.engine, update, {
      window,
      validator: VALIDATOR,
      encryptionKey: await keys.encryptionKey(),
      of,
    })

  it('proves the windows of an honest update', async () => {
    const update = await scene.make(20)
    await publishUpdate(scene.store, update)
    for (const window of [0, 2, 4]) await show(update, window)
    const { shown, ...outcome } = await replay(update, [0, 2, 4])
    expect(outcome).to.deep.equal({ proven: 3, withheld: [] })
    const own = new Set(Array.from({ length: update.data.n }, (_, i) => sampleOf(update.data, i)))
    for (const samples of shown)
      for (let i = 0; i < samples.n; i++) expect(own.has(sampleOf(samples, i))).to.equal(true)
    expect(shown).to.have.length(3)
  })

  it('accuses nobody when evidence is missing', async () => {
    const update = await scene.make(21)
    await publishUpdate(scene.store, update)
    await show(update, 1)
    const outcome = await replay(update, [1, 3])
    expect(outcome.proven).to.equal(1)
    expect(outcome.withheld).to.deep.equal([{ window: 3, reason: 'no evidence was published' }])
    expect(outcome.mismatch).to.equal(undefined)
  })

  it('does not take the evidence of another window', async () => {
    const update = await scene.make(22)
    await publishUpdate(scene.store, update)
    await show(update, 1, 2)
    const outcome = await replay(update, [1])
    expect(outcome.proven).to.equal(0)
    expect(outcome.withheld[0]?.reason).to.equal('evidence is of window 2, asked was 1')
  })

  it('counts evidence that somebody else signed as no answer: an honest store refuses it', async () => {
    const update = await scene.make(23)
    await publishUpdate(scene.store, update)
    await show(update, 0)
    const outcome = await replay(update, [0], accountOf(99))
    expect(outcome).to.deep.include({ proven: 0, withheld: [] })
    expect(outcome.waiting).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })
  })

  it('looks at the other windows when one can not be had, and never trains a window twice', async () => {
    const update = await scene.make(27)
    await publishUpdate(scene.store, update)
    for (const window of [0, 2, 4]) await show(update, window)
    const asked: string[] = []
    const store: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) => {
        asked.push(key)
        if (key.includes('/2/') && asked.length < 4) throw new StoreError('unavailable', 'no answer')
        return scene.store.getRecord(key, options)
      },
    }
    const known = new Map<string, EvidenceResult>()

    const first = await replay(update, [0, 2, 4], update.account, { store, known })
    expect(first).to.deep.include({ proven: 2, withheld: [] })
    expect(first.waiting).to.include({ code: 'unavailable' })
    const second = await replay(update, [0, 2, 4], update.account, { store, known })
    expect(second).to.deep.include({ proven: 3, withheld: [] })
    expect(asked, 'only the missing window was asked for again').to.have.length(4)
  })

  it('does not take evidence that is encrypted to another validator', async () => {
    const update = await scene.make(24)
    await publishUpdate(scene.store, update)
    const encryptionKey = await oracleKeys(deriveSeed(SEED, 'other')).encryptionKey()
    await publishEvidence(scene.store, scene.engine, update, {
      window: 0,
      validator: VALIDATOR,
      encryptionKey,
    })
    const outcome = await replay(update, [0])
    expect(outcome.proven).to.equal(0)
    expect(outcome.withheld).to.have.length(1)
  })

  it('finds the window whose training was faked', async () => {
    const elsewhere = await scene.make(26)
    const update = await scene.make(25, { fakeFinal: elsewhere.training.final })
    await publishUpdate(scene.store, update)
    const last = WINDOWS - 1
    await show(update, last)
    const outcome = await replay(update, [last])
    expect(outcome.mismatch).to.match(/^window 4 trained again ends in 0x/)
  })
})

function sampleOf({ x, y, n }: Dataset, i: number): string {
  const features = x.length / n
  return `${y[i]}: ${x.slice(i * features, (i + 1) * features)}`
}
