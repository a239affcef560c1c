import { expect } from 'chai'
import { blobs, FEATURES, packageOf, poolOf, SEED, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { Dataset } from '../package/data.ts'
import { featuresOf } from '../package/features.ts'
import type { State } from '../package/state.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { makeStepBatch, roundStep } from '../run/step-batch.ts'
import { buildLogisticTask, buildMlpTask } from './mlp-task.ts'

/** One SGD step in plain doubles: the same formulas, written a second time. */
function referenceStep(
  state: State,
  widths: number[],
  data: Dataset,
  rate: number,
): { state: State; loss: number } {
  const [x, { y, n }] = [featuresOf(data), data]
  const next: State = new Map([...state].map(([name, data]) => [name, data.slice()]))
  const weight = (i: number) => state.get(`w${i}`)!
  const layers = widths.length - 1
  let loss = 0
  for (let row = 0; row < n; row++) {
    const inputs: number[][] = [Array.from(x.subarray(row * widths[0]!, (row + 1) * widths[0]!))]
    for (let i = 0; i < layers; i++) {
      const outputs = Array.from(state.get(`b${i}`)!, (bias, o) =>
        inputs[i]!.reduce((sum, value, k) => sum + value * weight(i)[k * widths[i + 1]! + o]!, bias),
      )
      inputs.push(i < layers - 1 ? outputs.map((value) => Math.max(0, value)) : outputs)
    }
    const highest = Math.max(...inputs[layers]!)
    const powers = inputs[layers]!.map((value) => Math.exp(value - highest))
    const total = powers.reduce((sum, value) => sum + value, 0)
    loss -= Math.log(powers[y[row]!]! / total) / n
    let gradient = powers.map((value, o) => (value / total - (o === y[row] ? 1 : 0)) / n)
    for (let i = layers - 1; i >= 0; i--) {
      const below = inputs[i]!.map((value, k) =>
        i > 0 && value <= 0
          ? 0
          : gradient.reduce((sum, g, o) => sum + g * weight(i)[k * widths[i + 1]! + o]!, 0),
      )
      gradient.forEach((g, o) => {
        next.get(`b${i}`)![o]! -= rate * g
        inputs[i]!.forEach((value, k) => {
          next.get(`w${i}`)![k * widths[i + 1]! + o]! -= rate * g * value
        })
      })
      gradient = below
    }
  }
  return { state: next, loss }
}

async function expectStepsAgree(contents: TaskContents, widths: number[]): Promise<void> {
  const task = await packageOf(contents)
  const engine = await openEngine(task)
  const data = blobs(task.spec.batchSize, seedOf('step data'))
  const draw = roundStep(task.spec, { round: 1, batchSeed: SEED }, 0)
  const batch = makeStepBatch(task.spec, data, [...data.y.keys()], draw)
  let expected = { state: task.init, loss: 0 }
  let state = task.init
  for (let step = 0; step < 5; step++) {
    expected = referenceStep(expected.state, widths, data, draw.rate)
    const result = await engine.steps(state, [batch])
    state = result.state
    expect(result.losses[0]).to.be.closeTo(expected.loss, 1e-5)
    for (const [name, values] of expected.state) {
      values.forEach((value, i) => {
        expect(state.get(name)![i], `${name}[${i}] after step ${step}`).to.be.closeTo(value, 1e-5)
      })
    }
  }
  await engine.close()
}

describe('tasks we author', () => {
  const common = {
    name: 'blobs',
    inputSize: FEATURES,
    classes: 3,
    batchSize: 9,
    evalBatchSize: 16,
    steps: 4,
    commitEvery: 2,
    learningRate: '0.25',
    unitsPerStep: 1,
    personalSamples: 10,
    rootSteps: 2,
    pool: poolOf(blobs(30, seedOf('holdout'))),
    seed: seedOf('init'),
  }

  it('step as the formulas say: logistic regression', async () => {
    await expectStepsAgree(buildLogisticTask(common), [FEATURES, 3])
  })

  it('step as the formulas say: one and two hidden layers', async () => {
    await expectStepsAgree(buildMlpTask({ ...common, hidden: [7] }), [FEATURES, 7, 3])
    await expectStepsAgree(buildMlpTask({ ...common, hidden: [6, 5] }), [FEATURES, 6, 5, 3])
  })

  it('evaluate to the same loss as the step, sample by sample', async () => {
    const task = await packageOf(buildMlpTask({ ...common, hidden: [7], evalBatchSize: 9 }))
    const engine = await openEngine(task)
    const batch = makeStepBatch(task.spec, task.holdout, [0, 1, 2, 3, 4, 5, 6, 7, 8], {
      rate: 0.25,
      seed: SEED,
      step: 0,
    })
    const [evaluation] = await engine.evaluate(task.init, [batch])
    const { losses } = await engine.steps(task.init, [batch])
    const mean = evaluation!.losses.reduce((sum, loss) => sum + loss, 0) / 9
    expect(mean).to.be.closeTo(losses[0]!, 1e-6)
    for (const correct of evaluation!.metrics) expect(correct).to.be.oneOf([0, 1])
    await engine.close()
  })

  it('start from weights that the seed alone decides, within the bounds of He', () => {
    const [a, b, other] = [smallTask(), smallTask(), smallTask({ seed: seedOf('other') })]
    expect(a.init).to.deep.equal(b.init)
    expect(a.init).not.to.deep.equal(other.init)
    const limit = Math.sqrt(6 / FEATURES)
    for (const weight of a.init.get('w0')!) expect(Math.abs(weight)).to.be.at.most(limit)
    expect(Math.max(...a.init.get('w0')!)).to.be.above(limit / 2)
    expect([...a.init.get('b0')!]).to.deep.equal([0, 0, 0, 0, 0, 0])
  })
})
