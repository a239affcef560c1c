import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../hash.ts'
import { onlyRate, rateAt, type Schedule, schedule } from './schedule.ts'

const COSINE: Schedule = { kind: 'cosine', rate: '0.1', warmup: 10, steps: 1000, least: '0.001' }
const HALVING: Schedule = { kind: 'step', rate: '0.3', every: 100, factor: '0.97' }
const TABLE: Schedule = {
  kind: 'table',
  rates: [
    { from: 0, rate: '0.5' },
    { from: 7, rate: '0.25' },
    { from: 20, rate: '1.5' },
  ],
}

/** Correctly rounded float32 of the formulas, computed with 400 bits by mpmath. */
const PRECISE: { plan: Schedule; rates: [step: number, rate: number][] }[] = [
  {
    plan: COSINE,
    rates: [
      [0, 0.009999999776482582],
      [4, 0.05000000074505806],
      [9, 0.10000000149011612],
      [10, 0.10000000149011612],
      [11, 0.09999974817037582],
      [100, 0.09799490123987198],
      [333, 0.07619605958461761],
      [505, 0.05050000175833702],
      [750, 0.015776993706822395],
      [998, 0.0010009969118982553],
      [999, 0.001000249176286161],
      [1000, 0.0010000000474974513],
      [5000, 0.0010000000474974513],
    ],
  },
  {
    plan: { kind: 'cosine', rate: '999999.999999999', warmup: 0, steps: 2 ** 48, least: '0' },
    rates: [
      [1, 1_000_000],
      [2 ** 47, 500_000],
      [2 ** 48 - 1, 3.1142978982451676e-23],
      [2 ** 48, 0],
    ],
  },
  {
    plan: HALVING,
    rates: [
      [0, 0.30000001192092896],
      [99, 0.30000001192092896],
      [100, 0.29100000858306885],
      [1000, 0.2212272435426712],
      [12_345, 0.007080184295773506],
      [100_000, 1.7735994083437588e-14],
    ],
  },
]

function refusalOf(value: unknown): string | undefined {
  const { success, error } = schedule.safeParse(value)
  return success
    ? undefined
    : error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')
}

describe('the learning rate of a step', () => {
  it('is the formula rounded once to float32', () => {
    for (const { plan, rates } of PRECISE)
      for (const [step, rate] of rates)
        expect(rateAt(plan, step), `${plan.kind}, step ${step}`).to.equal(rate)
  })

  it('stays the same bits (golden): all of a cosine and of a step schedule', () => {
    const rates = [COSINE, HALVING].flatMap((plan) =>
      Array.from({ length: 1_100 }, (_, step) => rateAt(plan, step)),
    )
    const bytes = new Uint8Array(Float32Array.from(rates).buffer)
    expect(sha256(bytes)).to.equal('0xb06459d05d954e497d85d2aecd11335f1a7805fe828d4ab6a7dd6b7dd0687b3d')
  })

  it('is near the same formula in doubles at every step', () => {
    for (let step = 0; step < 1_100; step++) {
      const turn = Math.min(1, (step - 10) / 990)
      const plain = step < 10 ? (0.1 * (step + 1)) / 10 : 0.001 + (0.099 * (1 + Math.cos(Math.PI * turn))) / 2
      expect(rateAt(COSINE, step)).to.be.closeTo(plain, 1e-8)
      expect(rateAt(HALVING, step)).to.be.closeTo(0.3 * 0.97 ** Math.floor(step / 100), 3e-8)
    }
  })

  it('is the decimal itself where it is constant, as a graph reads it', () => {
    const digits = (least: number, most: number) => fc.integer({ min: least, max: most })
    fc.assert(
      fc.property(digits(0, 999_999), digits(1, 999_999_999), digits(0, 2 ** 48), (whole, part, step) => {
        const rate = `${whole}.${String(part).padStart(9, '0')}`
        expect(rateAt({ kind: 'constant', rate }, step)).to.equal(Math.fround(Number(rate)))
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('holds from each row of a table on', () => {
    const rates = [0, 6, 7, 19, 20, 2 ** 47].map((step) => rateAt(TABLE, step))
    expect(rates).to.deep.equal([0.5, 0.5, 0.25, 0.25, 1.5, 1.5])
  })

  it('is one for all steps of a constant schedule only', () => {
    expect(onlyRate({ kind: 'constant', rate: '0.25' })).to.equal(0.25)
    for (const plan of [COSINE, HALVING, TABLE]) expect(onlyRate(plan)).to.be.NaN
  })
})

describe('a schedule', () => {
  it('is taken in each of its kinds', () => {
    for (const plan of [COSINE, HALVING, TABLE, { kind: 'constant', rate: '3' }])
      expect(refusalOf(plan)).to.equal(undefined)
  })

  it('is refused with the value and the reason', () => {
    const cases: [object, string][] = [
      [{ kind: 'constant', rate: '0.0' }, 'rate: must be above 0'],
      [{ kind: 'constant', rate: 0.1 }, 'rate Invalid input'],
      [{ kind: 'constant', rate: '1e-3' }, 'expected a decimal'],
      [{ kind: 'constant', rate: '0.1', factor: '1' }, 'Unrecognized key'],
      [{ kind: 'linear', rate: '0.1' }, 'kind Invalid discriminator value'],
      [{ ...HALVING, every: 0 }, 'every Too small'],
      [{ ...HALVING, factor: '1.1' }, 'factor: 1.1 is not above 0 and at most 1'],
      [{ ...HALVING, factor: '0' }, 'factor: 0 is not above 0 and at most 1'],
      [{ ...COSINE, warmup: 1000 }, 'warmup: 1000 steps are not fewer than steps, 1000'],
      [{ ...COSINE, least: '0.2' }, 'least: 0.2 is above rate, 0.1'],
      [{ ...COSINE, steps: 2 ** 48 + 1 }, 'steps Too big'],
      [{ kind: 'table', rates: [] }, 'rates Too small'],
      [{ kind: 'table', rates: [{ from: 1, rate: '1' }] }, 'rates: the first row is from step 1'],
      [
        { kind: 'table', rates: [...TABLE.rates, { from: 20, rate: '1' }] },
        'rates: row 3 is from step 20, not after the row before it',
      ],
      [{ kind: 'table', rates: [{ from: 0, rate: '0' }] }, 'rates: the rate of row 0 must be above 0'],
    ]
    for (const [plan, reason] of cases) expect(refusalOf(plan)).to.contain(reason)
  })
})
