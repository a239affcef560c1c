import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { readModel, writeModel } from '@assay/engine/package/model-blob.ts'
import { expect } from 'chai'
import type { AgreedAggregate } from '../../combine-aggregates.ts'
import { SEED, type StageScene, startStageScene } from '../../fixtures/stage-scene.ts'
import { type ModelGround, makeModel } from '../../make-model.ts'
import { NONE_BY_RULE } from './by-rule.ts'
import { modelByRule } from './false-model.ts'

const HELPED = { outcome: 'audited', qualityBps: 5_000 } as const

describe('the value of an accused model', () => {
  let scene: StageScene
  let ground: ModelGround
  let agreed: AgreedAggregate[]
  let blob: Uint8Array

  before(async () => {
    scene = await startStageScene()
    const { task, engine, base } = scene
    const { spec, holdout } = task
    const made = { round: 4, beacon: SEED, poolRoot: SEED }
    ground = { engine, spec, base, made, judged: { samples: holdout, pool: holdout } }
    const { final } = (await scene.make(60)).training
    const aggregate = aggregateCohort({ spec, base, members: [{ final, weight: 3n }] })
    agreed = [{ cohort: 0, blob: aggregate.blob, results: [HELPED] }]
    const model = await makeModel(ground, agreed)
    if ('kept' in model) throw new Error(`the base model stays: ${model.kept}`)
    blob = model.blob
  })
  after(() => scene.stop())

  it('is the hash that was voted for, if it is the rule’s, with a trail of all losses', async () => {
    const [once, again] = [await modelByRule(ground, blob, agreed), await modelByRule(ground, blob, agreed)]
    expect(once).to.include({ value: blobHash(blob) })
    expect(once).to.deep.equal(again)
    const { trail } = once as { trail: Uint8Array }
    expect(trail.some((byte) => byte !== 0)).to.equal(true)
  })

  it('is the rule’s hash where another model was voted for', async () => {
    const { state, metric, cohorts } = readModel(ground.spec, blob)
    const better = writeModel(ground.spec, state, {
      metric: { ...metric!, metricMicros: 999_900 },
      cohorts: cohorts!,
    })
    expect(await modelByRule(ground, better, agreed)).to.include({ value: blobHash(blob) })
  })

  it('is one and the same for what is no model, names another cohort, or should have been the base model', async () => {
    const failed = agreed.map((one) => ({ ...one, results: [{ outcome: 'failed', qualityBps: 0 } as const] }))
    for (const [bytes, known] of [
      [new Uint8Array(3), agreed],
      [blob, []],
      [blob, failed],
    ] as const)
      expect(await modelByRule(ground, bytes, known)).to.include({ value: NONE_BY_RULE })
  })

  it('is missing while an aggregate that it names is', async () => {
    expect(await modelByRule(ground, blob, [{ ...agreed[0]!, blob: undefined }])).to.equal('missing')
  })
})
