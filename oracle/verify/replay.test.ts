import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import { stateHash } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import type { WindowReader } from '@assay/store/evidence-encryption.ts'
import { expect } from 'chai'
import type { Address } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import {
  type HandMadeUpdate,
  publishEvidence,
  publishUpdate,
} from '../../test/e2e/support/hand-made-update.ts'
import { WINDOWS } from '../../test/e2e/support/small-task.ts'
import { accountOf, SEED, type StageScene, startStageScene, VALIDATOR } from '../fixtures/stage-scene.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { lookAtWindows, replayWindows, type WindowResult } from './replay.ts'

/** The seats that read a window: the one that replays it, and the two that look. */
const SEATS: Address[] = [VALIDATOR, `0x${'c1'.repeat(20)}`, `0x${'c2'.repeat(20)}`]
const keysOf = (seat: Address) => oracleKeys(deriveSeed(SEED, 'oracle', BigInt(seat)))

type Read = { store?: BlobStore; known?: Map<string, WindowResult>; seat?: Address }

describe('stage S5', () => {
  let scene: StageScene
  let readers: WindowReader[]

  before(async () => {
    scene = await startStageScene()
    readers = await Promise.all(
      SEATS.map(async (validator) => ({
        validator,
        encryptionKey: await keysOf(validator).encryptionKey(),
      })),
    )
  })
  after(() => scene.stop())

  const reading = (
    update: HandMadeUpdate,
    as: PrivateKeyAccount = update.account,
    { store = scene.store, known = new Map(), seat = VALIDATOR }: Read = {},
  ) => ({
    store,
    keys: keysOf(seat),
    engine: scene.engine,
    commitment: update.commitment,
    contributor: as.address,
    validator: seat,
    known,
    claim: {
      round: update.opening.round,
      stateRoot: update.opening.stateRoot,
      dataRoot: update.opening.dataRoot,
      sampleCount: update.data.n,
      batchSeed: update.batchSeed,
      start: scene.base,
      startHash: stateHash(scene.task.spec, scene.base),
      finalStateHash: update.opening.finalState.stateHash,
    },
  })
  const othersThan = (seat: Address) => readers.filter(({ validator }) => validator !== seat)
  const replay = (update: HandMadeUpdate, windows: number[], as?: PrivateKeyAccount, read: Read = {}) =>
    replayWindows({
      ...reading(update, as, read),
      windows: windows.map((window) => ({ window, others: othersThan(read.seat ?? VALIDATOR) })),
    })
  const look = (update: HandMadeUpdate, windows: [window: number, distance: 1 | 2][], read: Read = {}) =>
    lookAtWindows({
      ...reading(update, undefined, read),
      windows: windows.map(([window, distance]) => ({
        window,
        distance,
        others: othersThan(read.seat ?? VALIDATOR),
      })),
    })
  const show = async (update: HandMadeUpdate, window: number, of = window) =>
    publishEvidence(scene.store, scene.engine, update, { window, readers, of })

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
        if (key.includes('/2/') && asked.length < 10) throw new StoreError('unavailable', 'no answer')
        return scene.store.getRecord(key, options)
      },
    }
    const known = new Map<string, WindowResult>()

    const first = await replay(update, [0, 2, 4], update.account, { store, known })
    expect(first).to.deep.include({ proven: 2, withheld: [] })
    expect(first.waiting).to.include({ code: 'unavailable' })
    const second = await replay(update, [0, 2, 4], update.account, { store, known })
    expect(second).to.deep.include({ proven: 3, withheld: [] })
    expect(asked, 'only the missing window was asked for again').to.have.length(12)
  })

  it('does not take evidence whose key is encrypted to another validator', async () => {
    const update = await scene.make(24)
    await publishUpdate(scene.store, update)
    const encryptionKey = await oracleKeys(deriveSeed(SEED, 'other')).encryptionKey()
    const wrong = { validator: VALIDATOR, encryptionKey }
    await publishEvidence(scene.store, scene.engine, update, {
      window: 0,
      readers: [wrong, ...othersThan(VALIDATOR)],
    })
    const outcome = await replay(update, [0])
    expect(outcome.proven).to.equal(0)
    expect(outcome.withheld[0]?.reason).to.match(/encrypted to another key/)
    // The others see that it could not read it, and say the same.
    const [, first] = SEATS
    const looked = await look(update, [[0, 1]], { seat: first! })
    expect(looked).to.deep.equal({
      withheld: [{ window: 0, reason: `${VALIDATOR}, who reads it too, did not get it` }],
      withheldBits: 1,
      shown: [],
    })
  })

  it('sees what is hidden from another reader, and proves nothing by it', async () => {
    const [, first, second] = SEATS
    const update = await scene.make(28)
    await publishUpdate(scene.store, update)
    const all = { window: 1, readers }
    await publishEvidence(scene.store, scene.engine, update, { ...all, readers: readers.slice(0, 2) })
    const reason = `${second}, who reads it too, did not get it`
    const known = new Map<string, WindowResult>()
    expect(await replay(update, [1], undefined, { known })).to.deep.equal({
      proven: 0,
      shown: [],
      withheld: [{ window: 1, reason }],
    })
    expect(await look(update, [[1, 1]], { seat: first! })).to.deep.include({ withheldBits: 1 })
    // The third can't know what the others saw, and says so by having nothing.
    expect(await look(update, [[1, 2]], { seat: second! })).to.deep.include({ withheldBits: 2 })

    await publishEvidence(scene.store, scene.engine, update, all)
    expect(await replay(update, [1], undefined, { known })).to.include({ proven: 1 })
    const seen = await look(update, [[1, 2]], { seat: second! })
    expect(seen).to.deep.include({ withheld: [], withheldBits: 0 })
    expect(seen.shown, 'the samples of the window').to.have.length(1)
  })

  it('does not ask for what nobody can encrypt: a reader without a usable key', async () => {
    const update = await scene.make(29)
    await publishUpdate(scene.store, update)
    await publishEvidence(scene.store, scene.engine, update, { window: 2, readers: readers.slice(0, 2) })
    const unusable = { validator: SEATS[2]!, encryptionKey: new Uint8Array(32) }
    const outcome = await replayWindows({
      ...reading(update),
      windows: [{ window: 2, others: [readers[1]!, unusable] }],
    })
    expect(outcome).to.include({ proven: 1 })
  })

  it('looks at windows without training them, and says of which seat before it some are missing', async () => {
    const cheat = await scene.make(26)
    // Its last window was never trained: a look can't tell, only the replay.
    const update = await scene.make(30, { fakeFinal: cheat.training.final })
    await publishUpdate(scene.store, update)
    for (const window of [0, WINDOWS - 1]) await show(update, window)
    const idle: Engine = { ...scene.engine, steps: () => Promise.reject(new Error('a look trained')) }
    const see = (windows: [number, 1 | 2][]) =>
      lookAtWindows({
        ...reading(update),
        engine: idle,
        windows: windows.map(([window, distance]) => ({ window, distance, others: othersThan(VALIDATOR) })),
      })
    expect(
      await see([
        [0, 1],
        [WINDOWS - 1, 2],
      ]),
    ).to.deep.include({ withheld: [], withheldBits: 0 })
    expect(
      await see([
        [0, 1],
        [1, 1],
        [WINDOWS - 1, 2],
      ]),
    ).to.deep.include({
      withheld: [{ window: 1, reason: 'no evidence was published' }],
      withheldBits: 1,
    })
    expect(
      await see([
        [1, 1],
        [2, 2],
      ]),
    ).to.deep.include({ withheldBits: 3 })
  })

  it('says nothing of what it could not look at', async () => {
    const update = await scene.make(31)
    await publishUpdate(scene.store, update)
    await show(update, 0)
    const store: BlobStore = {
      ...scene.store,
      getRecord: (key, options) =>
        key.includes('/1/')
          ? Promise.reject(new StoreError('unavailable', 'no answer'))
          : scene.store.getRecord(key, options),
    }
    const { waiting, ...said } = await look(
      update,
      [
        [0, 1],
        [1, 2],
      ],
      { store },
    )
    expect(said).to.deep.include({ withheld: [], withheldBits: 0 })
    expect(waiting).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })
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

function sampleOf(data: Dataset, i: number): string {
  const [x, { y, n }] = [featuresOf(data), data]
  const features = x.length / n
  return `${y[i]}: ${x.slice(i * features, (i + 1) * features)}`
}
