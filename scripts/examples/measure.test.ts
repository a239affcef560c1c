import { smallPackage } from '@assay/engine/fixtures/small-tasks.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { expect } from 'chai'
import { measured } from './measure.ts'
import type { ExampleMetric } from './worked-examples.ts'

describe('what predictions are worth', () => {
  let task: TaskPackage
  before(async () => {
    task = await smallPackage()
  })

  /** By what was expected and what was said, a word each. */
  function worth(metric: ExampleMetric, expected: string, said: string): Promise<number> {
    const predictions = said.split(' ').map((prediction, i) => ({ sample: i + 1, prediction, numbers: {} }))
    const files = { train: '', test: '', asked: 'asked.csv', expected: expected.split(' ') }
    return measured(metric, { task, trained: '', samples: '', files, predictions })
  }
  const refusal = (made: Promise<number>) =>
    made.then(
      (found) => `${found}`,
      (error) => (error as Error).message,
    )

  it('is the share that is right, or how far numbers are off', async () => {
    expect(await worth('accuracy', 'ill well ill well', 'ill ill ill well')).to.equal(0.75)
    expect(await worth('mean absolute error', '1 2.5 -3', '2 2.5 -5')).to.equal(1)
  })

  it('is nothing where a sample has no prediction, or characters are named as by a guess', async () => {
    expect(await refusal(worth('accuracy', 'ill well', 'ill'))).to.equal(
      'asked.csv has 2 samples, the model said 1',
    )
    expect(await refusal(worth('perplexity', 'e t e a', 'e e e e'))).to.equal(
      '0.5 of the predicted characters are right, a guess has 0.5',
    )
  })
})
