import { expect } from 'chai'
import { blobs, packageOf, poolOf, SEED, seedOf } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { Dataset } from '../package/data.ts'
import { evaluateDataset } from '../run/evaluate.ts'
import { train } from '../run/train.ts'
import { buildTask, type TaskOptions } from './build-task.ts'
import { readModelText } from './models/model-text.ts'
import { readOptimizerText } from './optimizers/optimizer-text.ts'

const LENGTH = 5
const VOCABULARY = 7

/** Sequences that count up, from a number of their own. */
function counting(n: number): Dataset {
  const count = (first: number) =>
    Int32Array.from(
      { length: n * LENGTH },
      (_, i) => (Math.floor(i / LENGTH) + (i % LENGTH) + first) % VOCABULARY,
    )
  return {
    inputs: { text: count(0) },
    y: count(1),
    strata: Int32Array.from({ length: n }, (_, i) => i % 2),
    n,
  }
}

const common = {
  batchSize: 8,
  evalBatchSize: 16,
  steps: 40,
  commitEvery: 20,
  unitsPerStep: 1,
  personalSamples: 16,
  rootSteps: 4,
  schedule: { kind: 'constant', rate: '0.02' },
  seed: SEED,
} as const

const TEXT: TaskOptions = {
  ...common,
  name: 'a text that counts',
  model: readModelText('transformer:layers=1,width=16'),
  optimizer: readOptimizerText('adamw'),
  inputs: [{ name: 'text', dtype: 'int64', shape: [LENGTH], below: VOCABULARY }],
  target: { kind: 'tokens', length: LENGTH, vocabulary: VOCABULARY },
  strata: { by: 'column', names: ['even', 'odd'] },
  pool: poolOf(counting(24)),
}

const TABLE: TaskOptions = {
  ...common,
  name: 'blobs',
  model: readModelText('mlp:16'),
  optimizer: readOptimizerText('momentum'),
  dropout: 0.2,
  inputs: [{ name: 'x', dtype: 'float32', shape: [8] }],
  target: { kind: 'class', classes: 3 },
  strata: { by: 'class' },
  pool: poolOf(blobs(60, seedOf('holdout'))),
}

describe('a task of a built-in model', () => {
  for (const [options, data] of [
    [TEXT, counting(40)],
    [TABLE, blobs(80, seedOf('shard'))],
  ] as const) {
    it(`is a package, and a round of it teaches: ${options.name}`, async () => {
      const task = await packageOf(buildTask(options))
      const engine = await openEngine(task)
      const { final, losses } = await train({
        engine,
        base: task.init,
        data,
        round: 1,
        batchSeed: seedOf('batches'),
      })
      expect(losses.at(-1)).to.be.below(losses[0]! / 2)
      const evaluate = (state: typeof final) => evaluateDataset({ engine, state, data: task.holdout })
      expect((await evaluate(final)).meanLoss).to.be.below((await evaluate(task.init)).meanLoss / 2)
      await engine.close()
    })
  }
})
