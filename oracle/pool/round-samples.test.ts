import {
  blobs,
  type PackageWithPool,
  packageOf,
  seedOf,
  smallTask,
} from '@assay/engine/fixtures/small-tasks.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import { featuresOf } from '@assay/engine/package/features.ts'
import { expect } from 'chai'
import type { OracleContext } from '../oracle-context.ts'
import { type JudgedRound, samplesOfRound } from './round-samples.ts'
import type { PoolName } from './seal-pool.ts'

/** Not the root that the package names: the owner has replaced that pool. */
const ROOT = seedOf('replaced pool')

describe("a round's samples", () => {
  let task: PackageWithPool
  let said: unknown[]
  const lines = new Set<string>()

  const contextOf = (pool: Dataset) =>
    ({
      pools: {
        samples: async (name: PoolName) => {
          expect(name).to.deep.equal({ specHash: task.specHash, poolRoot: ROOT })
          return pool
        },
      },
      bench: { package: async () => task },
      told: { isNews: (_: string, cause: string) => !lines.has(cause) && lines.add(cause) },
      log: { info: (values: object, words: string) => said.push({ ...values, words }) },
    }) as unknown as OracleContext
  const roundOf = (round: number): JudgedRound =>
    ({
      beacon: seedOf('beacon'),
      taskId: 1n,
      round,
      params: { specHash: task.specHash },
      poolRoot: ROOT,
    }) as JudgedRound

  before(async () => {
    task = await packageOf(smallTask())
  })
  beforeEach(() => {
    said = []
    lines.clear()
  })

  it('are the whole pool when it is small, and the log says so once a round', async () => {
    const { personalSamples } = task.spec
    const pool = blobs(4 * personalSamples - 1, seedOf('small'))
    for (const round of [1, 1, 2])
      expect((await samplesOfRound(contextOf(pool), roundOf(round))).samples).to.equal(pool)
    expect(said).to.deep.equal(
      [1, 2].map((round) => ({
        round,
        samples: pool.n,
        of: pool.n,
        words: 'the round is judged by the whole held-out pool',
      })),
    )
  })

  it('are a slice of a large pool, another one each round', async () => {
    const pool = blobs(4 * task.spec.personalSamples, seedOf('large'))
    const [first, second] = await Promise.all(
      [1, 2].map((round) => samplesOfRound(contextOf(pool), roundOf(round))),
    )
    expect(first!.samples.n).to.be.within(1, pool.n - 1)
    expect(featuresOf(first!.samples)).to.not.deep.equal(featuresOf(second!.samples))
    expect(said[0]).to.deep.include({
      of: pool.n,
      words: 'the round is judged by a slice of the held-out pool',
    })
  })
})
