import { packageOf, seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { createTask } from '@assay/engine/node/task-package.ts'
import { type ModelMetric, writeModel } from '@assay/engine/package/model-blob.ts'
import { type State, serializeState } from '@assay/engine/package/state.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { modelText, readModelMetric } from './model-metric.ts'

const metric: ModelMetric = {
  round: 7,
  poolRoot: seedOf('pool'),
  beacon: seedOf('beacon'),
  samples: 512,
  poolSamples: 512,
  metricMicros: 913_000,
  lossMicros: 412_345,
}

describe('what status says of a model', () => {
  let spec: TaskSpec
  let init: State
  let specHash: Hash
  let blobs: Map<Hash, Uint8Array>
  const store = {
    get: async (hash: Hash, { maxBytes }: { maxBytes: number }) => {
      const blob = blobs.get(hash)
      if (blob === undefined) throw new StoreError('blob-missing', `no store has ${hash}`)
      expect(blob.length, 'what is asked for').to.be.at.most(maxBytes)
      return blob
    },
  } as unknown as BlobStore

  before(async () => {
    const task = await packageOf(smallTask())
    ;({ spec, init, specHash } = task)
  })
  beforeEach(async () => {
    const { taskJson } = await createTask(smallTask())
    blobs = new Map([[specHash, taskJson]])
  })

  const firstModel = seedOf('first model')
  const put = (blob: Uint8Array) => {
    blobs.set(blobHash(blob), blob)
    return blobHash(blob)
  }
  const said = async (hash: Hash, { from = store as BlobStore | undefined, round = 7 } = {}) =>
    modelText(await readModelMetric(from, { specHash, firstModel, hash, round }))

  it('is how good it is, and on what it was measured', async () => {
    const hash = put(writeModel(spec, init, { metric, cohorts: [true] }))
    const state = await readModelMetric(store, { specHash, firstModel, hash, round: 8 })
    expect(state).to.deep.equal({ hash, measured: { figures: metric, loss: spec.loss, metric: spec.metric } })
    expect(modelText(state)).to.equal(
      'round 7: accuracy 91.3 %, cross-entropy 0.4123 on 512 held-out samples, voted with the model',
    )
    const sliced = { ...metric, poolSamples: 4_096, metricMicros: 999_900, lossMicros: -7 }
    expect(await said(put(writeModel(spec, init, { metric: sliced, cohorts: [true] })))).to.equal(
      'round 7: accuracy 99.99 %, cross-entropy -0.000007 on 512 of 4096 held-out samples, voted with the model',
    )
  })

  it('is that nobody measured the first one, whatever store there is', async () => {
    for (const from of [store, undefined])
      expect(await said(firstModel, { from })).to.equal('the first one: no model of a round has its place')
  })

  it('is how to see it, without a store', async () => {
    expect(
      await readModelMetric(undefined, { specHash, firstModel, hash: specHash, round: 7 }),
    ).to.deep.equal({
      hash: specHash,
      unknown: 'name a store that has it, with --store-url or --store-dir, to see how good it is',
    })
  })

  it('is nothing that its blob only claims', async () => {
    const words = Object.fromEntries(Object.entries(metric).map(([key, value]) => [key, `${value}`]))
    for (const wrong of [
      undefined,
      { ...words, metricMicros: 'NaN' },
      { ...words, metricMicros: '0.5' },
      { ...words, lossMicros: '1'.repeat(60_000) },
      { ...words, round: '8' },
    ])
      expect(await said(put(serializeState(spec, init, wrong)))).to.equal(
        'its blob does not say how good it is',
      )
  })

  it('is why it can not be told, in plain text', async () => {
    expect(await said(seedOf('lost'))).to.equal('not in the store yet, or its package is not')
    const header = new TextEncoder().encode(JSON.stringify({ '\u001b[2J\u202e': 0 }))
    const strange = put(Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...header]))
    expect(await said(strange)).to.match(/^the store's is none of this task: .*\\u\{1b\}\[2J\\u\{202e\}/)
    const down = { get: () => Promise.reject(new StoreError('unavailable', '\u001b[2J down')) }
    expect(await said(seedOf('lost'), { from: down as unknown as BlobStore })).to.equal(
      "the store doesn't give it: \\u{1b}[2J down",
    )
    const broken = { get: () => Promise.reject(new TypeError('a mistake of ours')) }
    const failure = await said(seedOf('lost'), { from: broken as unknown as BlobStore }).catch(
      (error) => error,
    )
    expect(failure).to.be.instanceOf(TypeError)
  })
})
