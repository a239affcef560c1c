import { expect } from 'chai'
import { packageOf, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { blobHash } from '../hash.ts'
import { EngineRefusal } from '../refusal.ts'
import { type ModelMetric, metricOf, readModel, writeModel } from './model-blob.ts'
import { parseState, type State, serializeState } from './state.ts'
import type { TaskSpec } from './task-spec.ts'

const about = {
  round: 3,
  poolRoot: seedOf('pool'),
  beacon: seedOf('beacon'),
  samples: 2_048,
  poolSamples: 9_000,
}
const metric: ModelMetric = { ...about, metricMicros: 875_500, lossMicros: 412_345 }
const cohorts = [true, false, true]
const LARGEST = Number.MAX_SAFE_INTEGER

describe("a model's blob", () => {
  let spec: TaskSpec
  let state: State
  before(async () => {
    const task = await packageOf(smallTask())
    spec = task.spec
    state = task.init
  })

  /** A model's blob that says what somebody wrote; a word that is undefined is missing. */
  const blobWith = (change: Record<string, string | undefined>) => {
    const words = Object.entries({ ...metric, cohorts: '101', ...change }).filter(
      ([, value]) => value !== undefined,
    )
    return serializeState(spec, state, Object.fromEntries(words.map(([key, value]) => [key, String(value)])))
  }

  it('says how good the model is, and is a state file like any other', () => {
    const bytes = writeModel(spec, state, { metric, cohorts })
    expect(readModel(spec, bytes)).to.deep.equal({ state, metric, cohorts })
    expect(parseState(spec, bytes)).to.deep.equal(state)
    expect(writeModel(spec, state, { metric, cohorts })).to.deep.equal(bytes)
    for (const extreme of [
      { ...metric, lossMicros: -1, metricMicros: 0 },
      { ...metric, lossMicros: -LARGEST, samples: 1, poolSamples: 1 },
      { ...metric, lossMicros: LARGEST, metricMicros: -LARGEST, round: 2 ** 32 - 1 },
    ])
      expect(readModel(spec, writeModel(spec, state, { metric: extreme, cohorts })).metric).to.deep.equal(
        extreme,
      )
  })

  it('has another hash for each other figure, other samples, pool and cohorts: a vote for it is one for them', () => {
    const others: ModelMetric[] = [
      { ...metric, round: 4 },
      { ...metric, poolRoot: seedOf('another pool') },
      { ...metric, beacon: seedOf('another beacon') },
      { ...metric, samples: 2_047 },
      { ...metric, poolSamples: 9_001 },
      { ...metric, metricMicros: 875_501 },
      { ...metric, lossMicros: 412_346 },
    ]
    expect(others).to.have.length(Object.keys(metric).length)
    const blobs = [
      serializeState(spec, state),
      ...[metric, ...others].map((one) => writeModel(spec, state, { metric: one, cohorts })),
      writeModel(spec, state, { metric, cohorts: [true, true, true] }),
    ]
    expect(new Set(blobs.map(blobHash)).size).to.equal(blobs.length)
  })

  it('has no figures when it is the first model, or when some are missing or can not be right', () => {
    expect(readModel(spec, serializeState(spec, state)).metric).to.equal(undefined)
    const notNumbers = [
      '',
      ' 7',
      '1.5',
      '1e3',
      '07',
      '-0',
      '+1',
      '0x1',
      'NaN',
      'Infinity',
      '9'.repeat(17),
      '٣',
    ]
    const wrong: Record<keyof ModelMetric, (string | undefined)[]> = {
      round: [undefined, ...notNumbers, '0', '-1', '4294967296'],
      poolRoot: [
        undefined,
        '',
        '0x',
        metric.poolRoot.slice(0, -1),
        `${metric.poolRoot}0`,
        `0X${'0'.repeat(64)}`,
      ],
      beacon: [undefined, '', `0x${'A'.repeat(64)}`, `0x${'g'.repeat(64)}`],
      samples: [undefined, ...notNumbers, '0', '-1', '9001'],
      poolSamples: [undefined, ...notNumbers, '0', '2047'],
      metricMicros: [undefined, ...notNumbers, '9007199254740992', '-9007199254740992'],
      lossMicros: [undefined, ...notNumbers, '9007199254740992', '-9007199254740992'],
    }
    for (const [key, values] of Object.entries(wrong))
      for (const value of [...values, '1'.repeat(50_000)])
        expect(readModel(spec, blobWith({ [key]: value })).metric, `${key} ${value?.slice(0, 80)}`).to.equal(
          undefined,
        )
    expect(readModel(spec, blobWith({ more: 'words', ['__proto__']: 'x' })).metric).to.deep.equal(metric)
  })

  it('names no cohorts when it is the first model, or when they are missing or can not be right', () => {
    expect(readModel(spec, serializeState(spec, state)).cohorts).to.equal(undefined)
    for (const word of [undefined, '', '2', '1,0', '1'.repeat(129), '1'.repeat(50_000)])
      expect(readModel(spec, blobWith({ cohorts: word })), word?.slice(0, 80)).to.deep.equal({
        state,
        metric,
        cohorts: undefined,
      })
    const most = Array.from({ length: 128 }, (_, i) => i % 3 === 0)
    expect(readModel(spec, writeModel(spec, state, { metric, cohorts: most })).cohorts).to.deep.equal(most)
  })

  it('is refused when its words are longer than a header may be, or no words', () => {
    for (const digits of [65_536, 1_000_000])
      expect(() => readModel(spec, blobWith({ lossMicros: '1'.repeat(digits) })), `${digits}`)
        .to.throw(EngineRefusal, /^model: file has \d+ bytes, the limit is \d+$/)
        .with.property('code', 'state')
    const text = new TextDecoder('latin1').decode(blobWith({}))
    for (const [word, other] of [
      ['"lossMicros":"412345"', '"lossMicros": 412345 '],
      ['"lossMicros":"412345"', '"lossMicros":{"a":1}}'],
      ['"samples":"2048"', '"round":"20487" '],
    ] as const) {
      expect(text).to.contain(word)
      const bytes = Uint8Array.from(text.replace(word, other), (letter) => letter.charCodeAt(0))
      expect(() => readModel(spec, bytes), other)
        .to.throw(EngineRefusal)
        .with.property('code', 'state')
    }
  })

  it('rounds an evaluation to whole numbers', () => {
    const measured = (meanLoss: number, meanMetric: number) => {
      const { lossMicros, metricMicros, ...rest } = metricOf({ meanLoss, meanMetric }, about)
      expect(rest).to.deep.equal(about)
      return [lossMicros, metricMicros]
    }
    expect(measured(0.1234567, 2 / 3)).to.deep.equal([123_457, 666_667])
    expect(measured(-0.1234567, 57 / 100), 'a share that no double holds').to.deep.equal([-123_457, 570_000])
    expect(measured(-1e-9, 0)).to.deep.equal([0, 0])
    expect(Object.is(measured(-1e-9, 0)[0], 0), 'not −0').to.equal(true)
    expect(measured(1e30, 3), "a graph's own idea of a share").to.deep.equal([LARGEST, 3_000_000])
    expect(measured(-1e30, -1e30)).to.deep.equal([-LARGEST, -LARGEST])
  })
})
