import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { readModel, writeModel } from '@assay/engine/package/model-blob.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { expect } from 'chai'
import { checkModel } from './check-model.ts'
import type { AgreedAggregate } from './combine-aggregates.ts'
import { SEED, type StageScene, startStageScene } from './fixtures/stage-scene.ts'
import { type ModelGround, makeModel } from './make-model.ts'

const HELPED = { outcome: 'audited', qualityBps: 5_000 } as const

describe('whether a model is the rule applied to the aggregates that it names', () => {
  let scene: StageScene
  let ground: ModelGround
  /** Of cohorts 0, 1 and 3. */
  let agreed: AgreedAggregate[]

  before(async () => {
    scene = await startStageScene()
    const { task, engine, base } = scene
    const { spec, holdout } = task
    ground = {
      engine,
      spec,
      base,
      made: { round: 4, beacon: SEED, poolRoot: SEED },
      judged: { samples: holdout, pool: holdout },
    }
    agreed = await Promise.all(
      [0, 1, 3].map(async (cohort) => {
        const { final } = (await scene.make(60 + cohort)).training
        const { blob } = aggregateCohort({ spec, base, members: [{ final, weight: 3n }] })
        return { cohort, blob, results: [HELPED] }
      }),
    )
  })
  after(() => scene.stop())

  /** The blob of a root seat that could read so many of the aggregates. */
  async function modelOf(...aggregates: AgreedAggregate[]): Promise<Uint8Array> {
    const made = await makeModel(ground, aggregates)
    if ('kept' in made) throw new Error(`the base model stays: ${made.kept}`)
    return made.blob
  }
  const check = (blob: Uint8Array, shown: Parameters<typeof checkModel>[2] = agreed) =>
    checkModel(ground, blob, shown)
  const without = (cohort: number) =>
    agreed.map((one) => (one.cohort === cohort ? { ...one, blob: undefined } : one))

  it('is true whichever aggregates could be read, and names them', async () => {
    const all = await modelOf(...agreed)
    expect(readModel(ground.spec, all).cohorts).to.deep.equal([true, true, false, true])
    expect(await check(all)).to.deep.equal({ is: 'true' })
    const fewer = await modelOf(agreed[0]!, agreed[2]!)
    expect(await check(fewer)).to.deep.equal({ is: 'true' })
    expect(await check(fewer, without(1)), 'whatever became of the others').to.deep.equal({ is: 'true' })
  })

  it('is unknown while an aggregate that it names is missing', async () => {
    expect(await check(await modelOf(...agreed), without(3))).to.deep.equal({
      is: 'unknown',
      reason: 'nobody shows the aggregate of cohort 3',
    })
  })

  it('is false with another weight, figure or list of cohorts, and says what the rule gives', async () => {
    const blob = await modelOf(...agreed)
    const { state, metric, cohorts } = readModel(ground.spec, blob)
    const words = { metric: metric!, cohorts: cohorts! }
    const [name, values] = [...state][0]!
    const moved = new Map(state).set(name, values.with(0, values[0]! + 1))
    const wrong = [
      writeModel(ground.spec, moved, words),
      writeModel(ground.spec, state, { ...words, metric: { ...metric!, metricMicros: 999_900 } }),
      writeModel(ground.spec, state, { ...words, cohorts: [true, true] }),
    ]
    for (const [i, one] of wrong.entries()) {
      const answer = await check(one)
      expect(answer, `${i}`).to.include({ is: 'false' })
      expect(answer, `${i}`).to.have.property('applied')
    }
  })

  it('is false with a cohort that agreed on nothing, also while others are missing', async () => {
    const blob = await modelOf(...agreed)
    const answer = { is: 'false', reason: 'it names cohort 0, which agreed on no aggregate' }
    expect(await check(blob, agreed.slice(1))).to.deep.equal(answer)
    expect(await check(blob, without(3).slice(1))).to.deep.equal(answer)
  })

  it('is false when the rule keeps the base model, and for what is no model or names no cohorts', async () => {
    const blob = await modelOf(...agreed)
    const failed = agreed.map((one) => ({ ...one, results: [{ outcome: 'failed', qualityBps: 0 } as const] }))
    expect(await check(blob, failed)).to.deep.equal({
      is: 'false',
      reason: 'the rule keeps the base model: nothing to add',
    })
    const bare = serializeState(ground.spec, ground.base)
    expect(await check(bare)).to.deep.equal({
      is: 'false',
      reason: 'it does not say of which cohorts it was made',
    })
    expect(await check(new Uint8Array(9))).to.include({ is: 'false' })
  })

  it('is asked again when the engine ran out of time or memory', async () => {
    const blob = await modelOf(...agreed)
    const evaluate = () => Promise.reject(new EngineRefusal('limit', 'no time'))
    const limited = { ...ground, engine: { ...ground.engine, evaluate } }
    const failure = await checkModel(limited, blob, agreed).catch((error: unknown) => error)
    expect(failure).to.include({ code: 'limit' })
  })
})
