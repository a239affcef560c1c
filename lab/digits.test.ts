import { sha256 } from '@assay/engine/hash.ts'
import { installedEngine } from '@assay/engine/node/engine-pin.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { digitsTask, digitsTestSet, digitsTrainingSet, partitionDigits } from './digits.ts'

const SEED: Hash = `0x${'d1'.repeat(32)}`
const FEATURES = 784

/** Each sample's own hash: the set has only a few digits twice. */
function fingerprints(data: Dataset): string[] {
  const [x, { n }] = [featuresOf(data), data]
  return Array.from({ length: n }, (_, i) =>
    sha256(new Uint8Array(x.slice(i * FEATURES, (i + 1) * FEATURES).buffer)),
  )
}

/** All of some sets in a few words: to compare millions of numbers one by one takes seconds. */
function summaries(sets: readonly Dataset[]): unknown[] {
  return sets.map((set) => [
    set.n,
    ...[featuresOf(set), set.y].map((data) => sha256(new Uint8Array(data.slice().buffer))),
  ])
}

function classCounts({ y }: Dataset): number[] {
  const counts = new Array<number>(10).fill(0)
  for (const label of y) counts[label]!++
  return counts
}

describe('digits', () => {
  it('make a package for the engine that is installed', async () => {
    const { taskJson, files } = await createTask(await digitsTask({ seed: SEED }))
    const { spec } = await assembleTaskPackage(taskJson, files)
    expect(spec.engine).to.deep.equal(await installedEngine())
    expect(spec.state.map(({ shape }) => shape)).to.deep.equal([[784, 128], [128], [128, 10], [10]])
    expect(Math.min(...spec.pool.strataCounts)).to.be.above(100)
    expect(spec.inputs[0]!.grid).to.deep.equal({ height: 28, width: 28, channels: 1, order: 'channels-last' })
  })

  it('have another pool with another split, in which they are dealt as well', async () => {
    const pools = await Promise.all(
      [undefined, SEED].map(async (splitSeed) => (await digitsTask({ seed: SEED, splitSeed })).pool.samples),
    )
    const [usual, other] = pools.map((pool) => new Set(fingerprints(pool)))
    expect([...other!].filter((print) => usual!.has(print)).length, 'a fifth, by chance').to.be.within(
      300,
      500,
    )
    const shards = await partitionDigits({
      seed: SEED,
      contributors: 3,
      partition: 'iid',
      splitSeed: SEED,
    })
    const rest = [...shards, await digitsTestSet(SEED)].flatMap(fingerprints)
    expect(rest.filter((print) => other!.has(print))).to.deep.equal([])
    expect(rest).to.have.length(8_000)
  })

  it('never stand in two of: shards, held-out pool, test set', async () => {
    const { pool } = await digitsTask({ seed: SEED })
    const sets = [pool.samples, await digitsTestSet(), await digitsTrainingSet()].map(fingerprints)
    expect(sets.map(({ length }) => length)).to.deep.equal([2_000, 2_000, 6_000])
    const distinct = sets.map((list) => new Set(list))
    const shared = distinct.flatMap((a, i) =>
      distinct.slice(i + 1).map((b) => [...a].filter((print) => b.has(print))),
    )
    expect(shared.flat()).to.deep.equal([])
  })

  for (const partition of ['iid', { dirichlet: 0.5 }, { dirichlet: 0.1 }] as const) {
    it(`are dealt whole, by the seed alone: ${JSON.stringify(partition)}`, async () => {
      const options = { seed: SEED, contributors: 7, partition }
      const shards = await partitionDigits(options)
      expect(summaries(shards)).to.deep.equal(summaries(await partitionDigits(options)))
      const others = await partitionDigits({ ...options, seed: `0x${'d2'.repeat(32)}` })
      expect(summaries(shards)).not.to.deep.equal(summaries(others))
      const dealt = shards.flatMap(fingerprints).sort()
      expect(dealt).to.deep.equal(fingerprints(await digitsTrainingSet()).sort())
      for (const { n } of shards) expect(n).to.be.at.least(32)
    })
  }

  it('are dealt in bounded time where no draw gives everybody enough, with small shards filled up', async () => {
    const shards = await partitionDigits({ seed: SEED, contributors: 64, partition: { dirichlet: 0.01 } })
    expect(Math.min(...shards.map(({ n }) => n))).to.equal(32)
    expect(shards.reduce((sum, { n }) => sum + n, 0)).to.equal(6_000)
    expect(shards.filter(({ n }) => n === 32).length).to.be.above(32)
  })

  it('are refused to more contributors than there are digits for', async () => {
    const failure = await partitionDigits({ seed: SEED, contributors: 188, partition: 'iid' }).catch(
      (error: Error) => error,
    )
    expect(failure).to.be.instanceOf(RangeError)
    expect((failure as Error).message).to.match(/^188 contributors .* at most 187$/)
  })

  it('are refused at an alpha that no distribution has', async () => {
    for (const dirichlet of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const options = { seed: SEED, contributors: 2, partition: { dirichlet } }
      const failure = await partitionDigits(options).catch((error: Error) => error)
      expect(failure, `${dirichlet}`).to.be.instanceOf(RangeError)
    }
  })

  it('are dealt the more unevenly, the smaller alpha', async () => {
    const unevenness = async (partition: 'iid' | { dirichlet: number }) => {
      const shards = await partitionDigits({ seed: SEED, contributors: 10, partition })
      const shares = shards.map((shard) => Math.max(...classCounts(shard)) / shard.n)
      return shares.reduce((sum, share) => sum + share, 0) / shares.length
    }
    const [even, skewed, extreme] = [
      await unevenness('iid'),
      await unevenness({ dirichlet: 0.5 }),
      await unevenness({ dirichlet: 0.1 }),
    ]
    expect(even).to.be.below(0.17)
    expect(skewed).to.be.within(0.25, 0.6)
    expect(extreme).to.be.above(skewed + 0.1)
  })
})
