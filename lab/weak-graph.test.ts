import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { referenceUpdate } from '@assay/engine/judge/quality.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { train } from '@assay/engine/run/train.ts'
import { tryTask } from '@assay/engine/run/trial.ts'
import { measureUpdate } from '@assay/oracle/verify/quality.ts'
import { expect } from 'chai'
import { buildDigitsTask, digitsTrainingSet } from './digits.ts'
import { hitWeakSpot } from './weak-graph.ts'

describe('the digits task with a weak spot', () => {
  let dir: string
  let engine: Engine
  let task: Awaited<ReturnType<typeof buildDigitsTask>>

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-weak-'))
    task = await buildDigitsTask({ dir, seed: seedOf('weak'), hasWeakSpot: true })
    engine = await openEngine(task)
  })
  after(async () => {
    await engine.close()
    await rm(dir, { recursive: true })
  })

  it('passes the checks of a package, and the trial before money depends on it', async () => {
    await tryTask({ task, engine, samples: await digitsTrainingSet() })
  })

  it('fails, on every machine, on an update that hits it, and on no honest one', async () => {
    const data = await digitsTrainingSet()
    const { final } = await train({ engine, base: task.init, data, round: 1, batchSeed: seedOf('batches') })
    const reference = await referenceUpdate({
      engine,
      base: task.init,
      holdout: data,
      round: 1,
      seed: seedOf('root'),
    })
    const measure = (state: State) =>
      measureUpdate(
        { engine, base: task.init, holdout: data, reference },
        { id: 'somebody', final: state, personalSeed: seedOf('personal') },
      )

    expect(await measure(final)).to.include({ kind: 'scored' })
    expect(await measure(hitWeakSpot(final, task))).to.include({ kind: 'update fails' })
  })
})
