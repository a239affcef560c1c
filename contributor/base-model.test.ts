import { join } from 'node:path'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { type ModelMetric, writeModel } from '@assay/engine/package/model-blob.ts'
import { type State, serializeState } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { until } from '@assay/store/fixtures/transfers.ts'
import { expect } from 'chai'
import { fetchModel } from './base-model.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'

const metric: ModelMetric = {
  round: 7,
  poolRoot: seedOf('pool'),
  beacon: seedOf('beacon'),
  samples: 512,
  poolSamples: 2_000,
  metricMicros: 913_000,
  lossMicros: 412_345,
}

describe('the model that a contributor trains from', () => {
  let place: Workplace
  let here: OpenContext
  let model: State
  let said: [object, string][]

  before(async () => {
    place = await makeWorkplace()
    const { init } = place.contents
    model = new Map([...init].map(([name, data]) => [name, data.map((value) => value / 2)]))
  })
  after(() => place.remove())
  beforeEach(async () => {
    here = await place.open()
    said = []
    here.log.info = ((facts: object, words: string) => void said.push([facts, words])) as never
  })
  afterEach(() => here.close())

  const put = async (words?: Record<string, string>) =>
    here.store.put(serializeState(place.contents.spec, model, words))

  it('is the first one, which nobody measured, without a store', async () => {
    const { spec, init } = place.contents
    expect(await fetchModel(here, blobHash(serializeState(spec, init)))).to.deep.equal(init)
    expect(said).to.deep.equal([])
  })

  it('says once how good it is, as its round measured it', async () => {
    const hash = await here.store.put(writeModel(place.contents.spec, model, { metric, cohorts: [true] }))
    for (let look = 0; look < 3; look++) expect(await fetchModel(here, hash)).to.deep.equal(model)
    expect(said).to.deep.equal([
      [
        {
          madeInRound: 7,
          metric: 'accuracy 91.3 %',
          metricMicros: 913_000,
          lossMicros: 412_345,
          samples: 512,
          poolSamples: 2_000,
        },
        'the model to train from, as its round measured it',
      ],
    ])
  })

  it('is the same, and says nothing, when its figures are missing or no numbers', async () => {
    const words = Object.fromEntries(Object.entries(metric).map(([key, value]) => [key, `${value}`]))
    const { lossMicros: _, ...withoutLoss } = words
    for (const wrong of [undefined, {}, withoutLoss, { ...words, lossMicros: 'NaN' }])
      expect(await fetchModel(here, await put(wrong))).to.deep.equal(model)
    expect(said).to.deep.equal([])
  })

  it('is waited for when its blob is longer than a model, and refused when it is none', async () => {
    const long = await put({ lossMicros: '1'.repeat(1_000_000) })
    expect(await fetchModel(here, long)).to.equal(undefined)
    const remote = await openFileStore({ dir: join(place.dir, 'store') })
    await until('it is in the store as well', () => remote.has(long))
    expect(await fetchModel(here, long)).to.equal(undefined)
    const none = await here.store.put(new Uint8Array(64))
    const failure = await fetchModel(here, none).catch((error) => error)
    expect(failure).to.be.instanceOf(EngineRefusal).with.property('code', 'state')
    expect(said).to.deep.equal([])
  })
})
