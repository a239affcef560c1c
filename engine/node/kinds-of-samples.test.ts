import { expect } from 'chai'
import {
  groupSamples,
  labelsTask,
  lineSamples,
  regressionTask,
  textSamples,
  tokensTask,
} from '../fixtures/kinds-of-samples.ts'
import { type PackageWithPool, packageOf, seedOf } from '../fixtures/small-tasks.ts'
import { areCopies, compareWithPool, indexPool } from '../judge/pool-copies.ts'
import { slicePool } from '../judge/pool-slice.ts'
import { tryPool } from '../judge/pool-trial.ts'
import { scoreQuality } from '../judge/quality.ts'
import { type Dataset, dataRoot, readDataset, subset, withoutStrata, writeDataset } from '../package/data.ts'
import { poolRoot, readPool, writePool } from '../package/pool.ts'
import { metricText } from '../package/sample-text.ts'
import { stateHash } from '../package/state.ts'
import type { TaskContents } from '../package/task-contents.ts'
import { evaluateDataset } from '../run/evaluate.ts'
import { checkWindowEvidence, makeWindowEvidence } from '../run/evidence.ts'
import type { Engine } from '../run/runner.ts'
import { type Training, train } from '../run/train.ts'
import { tryTask } from '../run/trial.ts'
import { openEngine } from './session.ts'

const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')

type Kind = {
  make: () => TaskContents
  samples: (seed: string, n: number) => Dataset
  /** What the model's metric is before and after the training, in words. */
  metrics: [before: RegExp, after: RegExp]
}

const KINDS: Record<string, Kind> = {
  'real values': {
    make: regressionTask,
    samples: lineSamples,
    metrics: [/^mean absolute error 1\.\d+ cm$/, /^mean absolute error 0\.[0-4]\d* cm$/],
  },
  'next tokens, from int64 tokens': {
    make: tokensTask,
    samples: textSamples,
    metrics: [/^perplexity 5$/, /^perplexity [12]\.\d+$/],
  },
  'several labels, from an int32 group': {
    make: labelsTask,
    samples: groupSamples,
    metrics: [/^labels told \d\d(\.\d+)? %$/, /^labels told (9\d|100)(\.\d+)? %$/],
  },
}

for (const [name, { make, samples, metrics }] of Object.entries(KINDS))
  describe(`a task with targets of ${name}`, () => {
    let task: PackageWithPool
    let engine: Engine
    let training: Training
    const shard = withoutStrata(samples('shard', 60))

    before(async () => {
      task = await packageOf(make())
      engine = await openEngine(task)
      training = await train({ engine, base: task.init, data: shard, round: 1, batchSeed: BATCH_SEED })
    })
    after(() => engine.close())

    const windowOf = (data: Dataset) => {
      const { spec, init } = task
      const { stateHashes, borders, stateRoot, final } = training
      const at = { window: 1, data, secret: SECRET, batchSeed: BATCH_SEED }
      const evidence = makeWindowEvidence({ spec, ...at, stateHashes, start: init, stateBefore: borders[1]! })
      return checkWindowEvidence({
        engine,
        evidence,
        window: 1,
        round: 1,
        stateRoot,
        dataRoot: dataRoot(shard, SECRET),
        sampleCount: shard.n,
        batchSeed: BATCH_SEED,
        start: init,
        startHash: stateHash(spec, init),
        finalStateHash: stateHash(spec, final),
      })
    }

    it('reads shards and pools back as written, a shard without the strata of its file', () => {
      const { spec } = task
      const all = samples('shard', 60)
      expect(readDataset(writeDataset(all, spec), spec)).to.deep.equal(shard)
      expect(readDataset(writeDataset(shard, spec), spec)).to.deep.equal(shard)
      const { pool } = make()
      expect(readPool(writePool(pool, spec), spec)).to.deep.equal(pool)
      const { strata, y } = pool.samples
      const others = [
        { ...pool.samples, strata: strata!.with(3, 1 - Math.min(1, strata![3]!)) },
        { ...pool.samples, y: y.with(3, y[3] === 1 ? 0 : 1) },
        ...Object.entries(pool.samples.inputs).map(([key, values]) => ({
          ...pool.samples,
          inputs: { ...pool.samples.inputs, [key]: values.with(3, values[3] === 1 ? 0 : 1) },
        })),
      ]
      const roots = others.map((other) => poolRoot({ ...pool, samples: other }))
      expect(new Set([spec.pool.root, ...roots]).size, 'a root for each').to.equal(1 + others.length)
    })

    it('trains, and shows its windows', async () => {
      expect(training.losses.at(-1)).to.be.below(training.losses[0]! / 2)
      expect(await windowOf(shard)).to.include({ ok: true })
      const lied = { ...shard, y: shard.y.map((value) => (value === 1 ? 0 : 1)) }
      expect(await windowOf(lied)).to.include({ ok: false, kind: 'withheld' })
    })

    it('is measured by its own metric, by stratum', async () => {
      const evaluate = (state: typeof training.final) =>
        evaluateDataset({ engine, state, data: task.holdout })
      const [before, after] = [await evaluate(task.init), await evaluate(training.final)]
      expect(metricText(task.spec.metric, before.meanMetric)).to.match(metrics[0])
      expect(metricText(task.spec.metric, after.meanMetric)).to.match(metrics[1])
      expect(after.meanLoss).to.be.below(before.meanLoss)
      expect(after.strata.map(({ total }) => total)).to.deep.equal(task.spec.pool.strataCounts)
      const sums = after.strata.reduce((sum, { lossSum }) => sum + lossSum, 0)
      expect(sums / task.holdout.n).to.be.closeTo(after.meanLoss, 1e-9)
      const { strata } = await evaluateDataset({ engine, state: task.init, data: shard })
      expect(strata, 'a shard has none').to.deep.equal([])
    })

    it('is judged: quality with a gain for each stratum, a slice of its strata, and the pool itself', async () => {
      const { init: base, spec, holdout } = task
      const options = { engine, base, holdout, rootSeed: seedOf('root'), round: 1 }
      const candidate = { id: 'honest', final: training.final, personalSeed: seedOf('personal') }
      const [score] = await scoreQuality({ ...options, candidates: [candidate] })
      expect(score!.qualityBps).to.be.above(5_000)
      expect(score!.strataGains.filter((gain) => gain > 0)).to.have.length(spec.pool.strataCounts.length)
      const slice = slicePool(
        holdout,
        { ...spec, personalSamples: 20 },
        { beacon: SECRET, taskId: 1n, round: 1 },
      )
      expect(slice.samples.n).to.be.within(1, holdout.n - 1)
      expect(new Set(slice.samples.strata).size).to.equal(spec.pool.strataCounts.length)
      expect(await tryPool({ engine, init: base, pool: holdout, seed: SECRET })).to.include({ isFit: true })
      const scrambled = { ...holdout, y: subset(holdout, turned(holdout.n)).y }
      const trial = await tryPool({ engine, init: base, pool: scrambled, seed: SECRET })
      expect(trial, 'with the targets of other samples').to.include({ isFit: false })
    })

    it('finds exact copies of the pool among shown samples, whatever their targets', () => {
      const index = indexPool(task.holdout, { seed: seedOf('copies'), spec: task.spec })
      const copies = withoutStrata(subset(task.holdout, [5, 7]))
      const relabelled = { ...copies, y: copies.y.map((value) => (value === 1 ? 0 : 1)) }
      const likeness = compareWithPool(index, relabelled)
      expect([likeness.exact, areCopies(likeness)]).to.deep.equal([likeness.shown, true])
    })

    it('is tried with the least and the largest of everything', async () => {
      const { real, slowest } = await tryTask({ task, engine, samples: task.holdout })
      expect(slowest.stepMs).to.be.at.least(real.stepMs)
      await tryTask({ task, engine })
    })
  })

/** Places of `n` samples, each moved by a third. */
function turned(n: number): number[] {
  return Array.from({ length: n }, (_, i) => (7 * i + 3) % n)
}
