import { packageOf, seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { Version } from '@cyclonedx/cyclonedx-library/Spec'
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation'
import { expect } from 'chai'
import { modelBom } from './model-bom.ts'
import { modelCard } from './model-card.ts'
import type { ModelFacts } from './model-facts.ts'

const CONTRIBUTOR = `0x${'c0'.repeat(20)}` as const

describe('what is said of a fetched model', () => {
  let facts: ModelFacts

  before(async () => {
    const { spec, specHash } = await packageOf(smallTask())
    const [hash, poolRoot, beacon] = [seedOf('model'), seedOf('pool'), seedOf('beacon')]
    facts = {
      chainId: 31_337,
      rounds: `0x${'0a'.repeat(20)}`,
      ...{ taskId: 3n, specHash, maxRounds: 9, spec },
      model: {
        ...{ round: 4, hash, isNew: true, isUndone: false },
        ...{ closedAt: 1_767_225_600, finalAt: 1_767_225_900, creditedWei: 5n },
      },
      metric: {
        ...{ round: 4, poolRoot, beacon, samples: 10, poolSamples: 20 },
        ...{ metricMicros: 912_500, lossMicros: 250_000 },
      },
      trainers: [
        { contributor: CONTRIBUTOR, rounds: 4, usefulRounds: 3, dataRoot: seedOf('data'), dataUnits: 60 },
        { contributor: `0x${'c1'.repeat(20)}`, rounds: 1, usefulRounds: 0 },
      ],
      licence: 'CC-BY-4.0',
      files: new Map([['model.safetensors', hash]]),
    }
  })

  const component = (of: ModelFacts) => JSON.parse(modelBom(of)).metadata.component

  it('is a bill of materials that keeps to the schema, whatever is not known', async () => {
    const validator = new JsonStrictValidator(Version.v1dot6)
    for (const of of [
      facts,
      { ...facts, metric: undefined, licence: undefined, trainers: [] },
      { ...facts, spec: { ...facts.spec, name: 'a "name"\u202e of <b>strangers</b>' } },
    ])
      expect(await validator.validate(modelBom(of))).to.equal(null)
  })

  it('names weights, figures, samples and licence', () => {
    const { hashes, licenses, modelCard: card, components } = component(facts)
    expect(hashes).to.deep.equal([{ alg: 'SHA-256', content: facts.model.hash.slice(2) }])
    expect(licenses).to.deep.equal([{ license: { id: 'CC-BY-4.0' } }])
    expect(components.map(({ name }: { name: string }) => name)).to.deep.equal(['model.safetensors'])
    expect(card.quantitativeAnalysis.performanceMetrics).to.deep.include({
      type: 'accuracy',
      value: '91.25 %',
    })
    const [first, second] = card.modelParameters.datasets
    expect(first.name).to.equal(`samples of ${CONTRIBUTOR}`)
    expect(first.contents.properties).to.deep.include({ name: 'assay:dataRoot', value: seedOf('data') })
    expect(second.contents.properties.map(({ name }: { name: string }) => name)).to.deep.equal([
      'assay:rounds',
      'assay:usefulRounds',
    ])
  })

  it('is a card that shows a stranger\u2019s name as it is, and says what is not known', () => {
    const hostile = { ...facts, spec: { ...facts.spec, name: '[x](http://y) | `z` <script>\u0007' } }
    const [title] = modelCard(hostile).split('\n')
    expect(title).to.equal('# \\[x\\]\\(http://y\\) \\| \\`z\\` \\<script\\>\\\\u\\{7\\}')
    const unknown = modelCard({ ...facts, metric: undefined, licence: undefined, trainers: [] })
    expect(unknown).to.include('Not stated.').and.include('no round has measured it').and.include('Nobody:')
    expect(modelCard(facts)).not.to.include('rows of model.onnx')
    expect(modelCard({ ...facts, onnxRows: 64 })).to.include('| rows of model.onnx | 64 at once: fill up')
    expect(modelCard(facts)).to.include('| round | 4 of 9 |').and.include('2026-01-01T00:00:00.000Z')
  })
})
