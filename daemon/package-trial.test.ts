import {
  type PackageWithPool,
  packageOf,
  smallPackage,
  smallTask,
  withNoisyLabels,
} from '@assay/engine/fixtures/small-tasks.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { expect } from 'chai'
import { FatalDaemonError } from './errors.ts'
import { requireTrial, tryPackage } from './package-trial.ts'
import type { WorkContext } from './work-context.ts'

const share = (neededSeconds: number) => ({
  what: 'training',
  phase: 'submitSeconds' as const,
  neededSeconds,
  phaseSeconds: 60,
})

describe('a package that a daemon tries before it enters the task', () => {
  let task: PackageWithPool
  let engine: Engine
  before(async () => {
    task = await smallPackage({ rootSteps: 60 })
    engine = await openEngine(task)
  })
  after(() => engine.close())

  /** A daemon with a bench of its own, what it warned of, and how often it opened and dropped its engine. */
  function daemon({ force, engine: own = engine }: { force?: boolean; engine?: Engine } = {}) {
    const seen = { warnings: [] as string[], opened: 0, discarded: 0 }
    const context = {
      config: { force },
      bench: {
        package: async () => task,
        engine: async () => {
          seen.opened += 1
          return own
        },
        discardEngine: async () => {
          seen.discarded += 1
        },
      },
      log: { warn: ({ problem }: { problem: string }) => seen.warnings.push(problem) },
    } as unknown as WorkContext & { config: { force?: boolean } }
    const enter = (neededSeconds: number, samples = task.holdout) =>
      requireTrial(context, task.specHash, { toDo: 'enrol', samples, shares: () => [share(neededSeconds)] })
    return { seen, enter }
  }

  async function refusal(entering: Promise<void>): Promise<string> {
    const error = await entering.catch((thrown) => thrown)
    expect(error).to.be.instanceOf(FatalDaemonError)
    return error.message
  }

  it('is tried once, however often the daemon comes back to it', async () => {
    const { seen, enter } = daemon()
    await enter(1)
    await enter(1)
    expect(seen).to.deep.equal({ warnings: [], opened: 1, discarded: 0 })
  })

  it('keeps it out when its share leaves no time for transfers, and says how much is needed of what', async () => {
    expect(await refusal(daemon().enter(46))).to.equal(
      'Not going to enrol: training: this machine needs 46 s of the 60 s of submitSeconds for your share, and a quarter must stay free for transfers. Use a faster machine or another task; --force goes on all the same.',
    )
  })

  it('lets it in by force, with a warning', async () => {
    const { seen, enter } = daemon({ force: true })
    await enter(46)
    expect(seen.warnings).to.have.length(1)
    expect(seen.warnings[0]).to.contain('this machine needs 46 s of the 60 s')
  })

  it('keeps it out when its own samples lead training to no number, said once with the cause', async () => {
    const { seen, enter } = daemon({ force: true })
    const huge = withFeatures(
      task.holdout,
      featuresOf(task.holdout).map((value) => value * 1e25),
    )
    const message = await refusal(enter(1, huge))
    expect(message).to.contain("the task's package was tried and is refused: training on real samples")
    expect(seen.discarded).to.equal(1)
  })

  it('keeps it out when a graph takes longer than the sandbox allows, with a new engine for the next time', async () => {
    const spent = () => Promise.reject(new EngineRefusal('limit', 'the graphs took longer than 60000 ms'))
    const { seen, enter } = daemon({ engine: { ...engine, steps: spent } })
    expect(await refusal(enter(1))).to.match(
      /longer than 60000 ms\. Use a faster machine, or choose another task/,
    )
    expect(seen.discarded).to.equal(1)
  })

  it('is told what does not fit the store, and what the pool teaches', async () => {
    const { samples } = smallTask().pool
    const mixed = { ...samples, y: samples.y.map((_, i) => (7 * i) % 3) }
    const options = { samples, pool: mixed, maxBlobBytes: 70_000 }
    const { problems, blobs, pool } = await tryPackage(task, engine, options)
    expect(blobs.map(({ what }) => what)).to.deep.equal([
      'an update',
      "a window's evidence",
      'the held-out pool',
    ])
    expect(problems).to.have.length(2)
    expect(problems[0]).to.match(/^a window's evidence may have \d+ bytes, and a store takes 70000/)
    expect(problems[1]).to.contain('the labels may be wrong, or rootSteps too few')
    expect(pool).to.include({ samples: 120 })
    const doubtful = await tryPackage(task, engine, { samples, pool: withNoisyLabels(samples, 36) })
    expect(doubtful.problems).to.have.length(1)
    expect(doubtful.problems[0]).to.match(
      /^Validators may refuse a held-out pool of 120 samples: .* in 12 trials/,
    )
    const fine = await tryPackage(task, engine, { samples, pool: samples })
    expect(fine.problems).to.deep.equal([])
    expect((await packageOf(smallTask({ rootSteps: 60 }))).specHash).to.equal(task.specHash)
  })
})
