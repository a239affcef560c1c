import { ACCURACY } from '@assay/engine/package/sample-spec.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { settledWeight } from './aggregate.ts'
import { type AggregateVote, majorityAggregates } from './aggregate-votes.ts'
import { chooseStep, compareModels } from './model-guard.ts'

const HASHES = ['a', 'b', 'c'].map((label) => deriveSeed(zeroHash, label))
const VALIDATOR = `0x${'0b'.repeat(20)}` as const

describe('the weight of an update', () => {
  const units = { dataUnits: 900, dataUnitsLimit: 500 }
  const result = { outcome: 'audited' as const, provenWindows: 4, qualityBps: 8_000, reputationBps: 6_000 }

  it('is proven windows × (quality + reputation above the lowest) × data units up to the limit', () => {
    expect(settledWeight(result, units)).to.equal(4n * 9_000n * 500n)
    expect(settledWeight(result, { ...units, dataUnits: 20 })).to.equal(4n * 9_000n * 20n)
  })

  it('is nothing without quality, whatever the reputation', () => {
    expect(settledWeight({ ...result, qualityBps: 0, reputationBps: 15_000 }, units)).to.equal(0n)
  })

  it('counts one window where none is proven, and the running quality where none was audited', () => {
    const unaudited = {
      outcome: 'unaudited' as const,
      provenWindows: 0,
      qualityBps: 6_000,
      reputationBps: 5_000,
    }
    expect(settledWeight(unaudited, units)).to.equal(6_000n * 500n)
  })

  it("is nothing after a failed gate, or by the task's fault", () => {
    expect(settledWeight({ ...result, outcome: 'taskFault' }, units)).to.equal(0n)
    expect(settledWeight({ ...result, outcome: 'failed' }, units)).to.equal(0n)
  })
})

describe('the agreement of committees', () => {
  const votes = (cohort: number, hashes: number[]): AggregateVote[] =>
    hashes.map((i) => ({ validator: VALIDATOR, cohort, hash: HASHES[i]! }))

  it('needs more than half of the seats, not of the votes', () => {
    expect(majorityAggregates(votes(0, [0, 0]), 5).size).to.equal(0)
    expect(majorityAggregates(votes(0, [0, 0, 0]), 5).get(0)).to.equal(HASHES[0])
    expect(majorityAggregates(votes(0, [0, 0, 1, 1]), 4).size).to.equal(0)
  })

  it('is listed by cohort, ascending, in whatever order the votes came', () => {
    const all = [...votes(9, [1, 1, 1]), ...votes(2, [0, 2, 0]), ...votes(4, [0, 1, 2])]
    expect([...majorityAggregates(all, 3)]).to.deep.equal([
      [2, HASHES[0]],
      [9, HASHES[1]],
    ])
  })
})

describe('the guard of the global model', () => {
  const JUDGED = { metric: ACCURACY, strata: { by: 'class' } } as const
  const model = (correct: number[], meanLoss = 1) => ({
    meanMetric: correct.reduce((sum, value) => sum + value, 0) / (100 * correct.length),
    meanLoss,
    meanLossSize: Math.abs(meanLoss),
    strata: correct.map((value) => ({ metricSum: value, total: 100, lossSum: 100 * meanLoss })),
  })

  it('accepts a better model, even when one class gets worse', () => {
    expect(compareModels(JUDGED, model([90, 10]), model([50, 60]))).to.deep.equal({ accepted: true })
  })

  it('accepts a small step back', () => {
    expect(compareModels(JUDGED, model([90, 90]), model([86, 88]))).to.deep.equal({ accepted: true })
  })

  it('rejects a fall of more than five points', () => {
    const result = compareModels(JUDGED, model([90, 90]), model([80, 88]))
    expect(result).to.deep.equal({ accepted: false, reason: 'accuracy fell from 0.9 to 0.84' })
  })

  it('rejects a model that lost one class and is worse as a whole', () => {
    const result = compareModels(JUDGED, model([90, 50, 50]), model([50, 69, 70]))
    expect(result).to.deep.equal({ accepted: false, reason: 'class 0 fell from 0.9 to 0.5' })
  })

  it('rejects a model whose loss is not a number', () => {
    expect(compareModels(JUDGED, model([50, 50]), model([60, 60], Number.NaN))).to.deep.include({
      accepted: false,
    })
  })

  it('rejects a model whose metric is not a number', () => {
    const other = { ...model([60, 60]), meanMetric: Number.NaN }
    expect(compareModels(JUDGED, model([50, 50]), other)).to.deep.equal({
      accepted: false,
      reason: 'its accuracy is NaN',
    })
  })

  describe('of a task whose metric is no share', () => {
    const metric: TaskSpec['metric'] = { name: 'error', unit: 'cm', direction: 'lower', of: 'mean' }
    const spec: Pick<TaskSpec, 'metric' | 'strata'> = {
      metric,
      strata: { by: 'column', names: ['north', 'south'] },
    }
    /** Mean losses of two strata of a hundred samples each. */
    const measured = (...losses: [number, number]) => {
      const meanLoss = (losses[0] + losses[1]) / 2
      return {
        meanMetric: 3,
        meanLoss,
        meanLossSize: Math.abs(meanLoss),
        strata: losses.map((loss) => ({ total: 100, metricSum: 0, lossSum: 100 * loss })),
      }
    }

    it('rejects a mean loss that rises by more than a tenth of its size, also below zero', () => {
      expect(compareModels(spec, measured(2, 2), measured(2.19, 2.19))).to.deep.equal({ accepted: true })
      expect(compareModels(spec, measured(2, 2), measured(2.5, 2))).to.deep.equal({
        accepted: false,
        reason: 'the mean loss rose from 2 to 2.25',
      })
      expect(compareModels(spec, measured(-2, -2), measured(-1.9, -1.9))).to.deep.equal({ accepted: true })
      expect(compareModels(spec, measured(-2, -2), measured(-1.7, -1.7))).to.include({ accepted: false })
    })

    it('rejects one stratum that gets much worse, if the whole gets worse, too', () => {
      const [before, worse] = [measured(1, 3), measured(2.5, 1.75)]
      expect(compareModels(spec, before, worse)).to.deep.equal({
        accepted: false,
        reason: 'the mean loss of stratum north rose from 1 to 2.5',
      })
      expect(compareModels(spec, before, measured(2.5, 1.4))).to.deep.equal({ accepted: true })
      expect(compareModels(spec, before, measured(1.9, 2.2))).to.deep.equal({ accepted: true })
    })

    it('goes by the loss where a lower share is better', () => {
      const errors = { ...spec, metric: { ...metric, unit: 'share' } }
      const before = { ...measured(2, 2), meanMetric: 0.9 }
      expect(compareModels(errors, before, { ...measured(2, 2), meanMetric: 0.1 })).to.deep.equal({
        accepted: true,
      })
    })
  })

  /** Shares of the agreed step, the whole one first, with states that tell them apart. */
  const steps = (...evaluations: ReturnType<typeof model>[]) =>
    evaluations.map((evaluation, i) => ({ evaluation, state: new Map([['w', Float32Array.of(i)]]) }))
  const chosen = (before: ReturnType<typeof model>, all: ReturnType<typeof steps>) => {
    const choice = chooseStep(JUDGED, before, all)
    return choice.accepted ? choice.state.get('w')![0] : choice.reason
  }

  it('takes the share of the step with the smallest loss', () => {
    const good = model([90, 90], 0.9)
    expect(chosen(model([85, 85]), steps(good, model([91, 91], 0.8), model([90, 91], 0.85)))).to.equal(1)
    expect(chosen(model([85, 85]), steps(good, good, good))).to.equal(0)
  })

  it('takes a part of a step that it rejects only if that part helps', () => {
    const poison = model([60, 60], 3)
    const helps = steps(poison, model([88, 88], 1.1), model([91, 91], 0.9))
    expect(chosen(model([90, 90], 1), helps)).to.equal(2)
    const harms = steps(poison, model([87, 87], 1.2), model([89, 89], 1.01))
    expect(chosen(model([90, 90], 1), harms)).to.equal('accuracy fell from 0.9 to 0.6')
  })

  it('judges the part that it takes like the whole step', () => {
    const before = model([90, 50, 50], 1)
    const taken = model([50, 69, 70], 0.9)
    expect(chosen(before, steps(model([90, 50, 50], 1.1), taken, taken))).to.equal(
      'class 0 fell from 0.9 to 0.5',
    )
  })
})
