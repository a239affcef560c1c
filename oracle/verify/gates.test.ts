import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { updateBytes } from '@assay/engine/fixtures/update-bytes.ts'
import { writeSafetensors } from '@assay/engine/package/safetensors.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { type HandMadeUpdate, publishUpdate } from '../../test/e2e/support/hand-made-update.ts'
import { ROUNDS, SEED, type StageScene, startStageScene, VALIDATOR } from '../fixtures/stage-scene.ts'
import { fetchUpdate } from './fetch-update.ts'
import type { Expected } from './gates.ts'

describe('stages S0 and S1', () => {
  let scene: StageScene

  before(async () => {
    scene = await startStageScene()
  })
  after(() => scene.stop())

  const expectedOf = ({ opening }: HandMadeUpdate): Expected => ({
    chainId: 7,
    rounds: ROUNDS,
    taskId: 3n,
    round: 4,
    contributor: opening.contributor,
    baseModelHash: scene.baseModelHash,
    steps: scene.task.spec.steps,
    dataRoot: opening.dataRoot,
    enrolled: true,
  })
  const gateOf = async (update: HandMadeUpdate, wrong: Partial<Expected> = {}) => {
    const result = await fetchUpdate({
      store: scene.store,
      spec: scene.task.spec,
      commitment: update.commitment,
      expected: { ...expectedOf(update), ...wrong },
    })
    return result.ok ? 'passed' : `${result.gate}: ${result.reason}`
  }

  it('let an honest update pass', async () => {
    const update = await scene.make(1)
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.equal('passed')
  })

  it('refuse what was never opened', async () => {
    expect(await gateOf(await scene.make(2))).to.equal('S0: it was not opened')
  })

  const foreign: [string, Partial<Expected>][] = [
    ['chain id', { chainId: 8 }],
    ['contract', { rounds: VALIDATOR }],
    ['task', { taskId: 4n }],
    ['round', { round: 5 }],
    ['contributor', { contributor: VALIDATOR }],
    ['base model', { baseModelHash: SEED }],
    ['number of steps', { steps: 19 }],
    ['data root', { dataRoot: SEED }],
  ]
  for (const [what, wrong] of foreign)
    it(`refuse an opening whose ${what} is not the one on chain`, async () => {
      const update = await scene.make(3)
      await publishUpdate(scene.store, update)
      expect(await gateOf(update, wrong)).to.match(new RegExp(`^S0: the ${what} is .*, expected `))
    })

  it('refuse a contributor that is not enrolled', async () => {
    const update = await scene.make(3)
    await publishUpdate(scene.store, update)
    expect(await gateOf(update, { enrolled: false })).to.match(/^S0: 0x.* is not enrolled$/)
  })

  it('refuse an opening without its blob', async () => {
    const update = await scene.make(4)
    await publishUpdate(scene.store, update)
    const { updateHash } = update.opening
    await rm(join(scene.dir, 'blobs', updateHash.slice(2, 4), updateHash))
    expect(await gateOf(update)).to.match(/^S0: /)
  })

  it('refuse a blob with a value that is not a number', async () => {
    const honest = await scene.make(5)
    const blob = hostileBlob((data) => data.fill(Number.NaN, 0, 1))
    const update = await scene.make(5, { blob })
    expect(update.commitment).not.to.equal(honest.commitment)
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: .*NaN/)
  })

  it('refuse a blob of another shape', async () => {
    const shape = [3]
    const tensors = new Map(
      [...scene.base].map(([name]) => [name, { dtype: 'F32' as const, shape, data: new Float32Array(3) }]),
    )
    const update = await scene.make(6, { blob: writeSafetensors(tensors) })
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: .*shape|^S1: /)
  })

  it('refuse a truncated blob', async () => {
    const update = await scene.make(7, { blob: updateBytes(scene.task.spec, scene.base).subarray(0, -5) })
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: /)
  })

  it('refuse a blob above the size of the model without reading it all', async () => {
    const update = await scene.make(8, { blob: new Uint8Array(4 * 1024 * 1024) })
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: the update has 4194304 bytes, the limit is \d+$/)
  })

  it('refuse a blob that is not the last state of the trace', async () => {
    const other = await scene.make(10)
    const update = await scene.make(9, { blob: other.blob })
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: the blob's state is /)
  })

  it('refuse a final state that the trace does not hold', async () => {
    const other = await scene.make(10)
    const update = await scene.make(12, {
      blob: other.blob,
      opening: { finalState: other.opening.finalState },
    })
    await publishUpdate(scene.store, update)
    expect(await gateOf(update)).to.match(/^S1: the update is not the last state of the trace/)
  })

  it('wait for a store that does not answer, until the last call', async () => {
    const update = await scene.make(11)
    const silent = {
      ...scene.store,
      getRecord: () => Promise.reject(new StoreError('unavailable', 'no answer')),
    }
    const look = fetchUpdate({
      store: silent,
      spec: scene.task.spec,
      commitment: update.commitment,
      expected: expectedOf(update),
    })
    expect(await look.catch((error: unknown) => error))
      .to.be.instanceOf(StoreError)
      .and.include({ code: 'unavailable' })
  })

  /** The base model's blob with spoilt values, which `updateBytes` would not write. */
  function hostileBlob(spoil: (data: Float32Array) => void): Uint8Array {
    const tensors = new Map(
      scene.task.spec.state.map(({ name, shape }, i) => {
        const data = scene.base.get(name)!.slice()
        if (i === 0) spoil(data)
        return [name, { dtype: 'F32' as const, shape, data }]
      }),
    )
    return writeSafetensors(tensors)
  }
})
