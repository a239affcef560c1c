import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { openTold } from '@assay/daemon/told.ts'
import { type PackageWithPool, packageOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import type { Pool } from '@assay/engine/package/pool.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import type { OracleContext } from '../oracle-context.ts'
import { awaitPool, openPoolWait } from './await-pool.ts'
import type { PoolName } from './seal-pool.ts'

const { pool } = smallTask()
const OWN = `0x${'0a'.repeat(20)}`

describe('an oracle that needs the held-out pool', () => {
  let task: PackageWithPool
  let engine: Engine
  let found: Pool | undefined
  let trained = 0
  let said: [object, string][]
  const db = openDaemonDatabase(':memory:', ['SELECT 1'])

  before(async () => {
    task = await packageOf(smallTask())
    const opened = await openEngine(task)
    engine = {
      ...opened,
      steps: (state, batches) => {
        trained += 1
        return opened.steps(state, batches)
      },
    }
  })
  after(async () => {
    await engine.close()
    db.close()
  })
  beforeEach(() => {
    found = undefined
    trained = 0
    said = []
  })

  const told = openTold()
  const say = (values: object, words: string) => said.push([values, words])
  const context = {
    db,
    told,
    account: { address: OWN },
    config: { taskId: 1n },
    log: { info: say, warn: say },
    reader: {
      deployment: { contracts: {} },
      chain: { readContract: async ({ functionName }: { functionName: string }) => answer(functionName) },
    },
    bench: { package: async () => task, engine: async () => engine, discardEngine: async () => undefined },
    pools: { find: async () => found && { pool: found, key: undefined } },
  } as unknown as OracleContext
  const answer = (functionName: string) =>
    functionName === 'paramsOf' ? { specHash: task.specHash } : undefined

  it('says once whom to ask', async () => {
    expect(await awaitPool(context)).to.equal(undefined)
    expect(await awaitPool(context)).to.equal(undefined)
    expect(said).to.have.length(1)
    expect(said[0]![1]).to.contain('assay task seal 1')
  })

  it('refuses one whose labels teach nothing, with figures, and what to do', async () => {
    const y = pool.samples.y.map((_, i) => pool.samples.y[(i * 37 + 11) % pool.samples.n]!)
    found = { ...pool, samples: { ...pool.samples, y } }
    const error = await awaitPool(context).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(FatalDaemonError)
    expect(error.message).to.match(/from a loss of [\d.]+ to [\d.]+ .* by -?[\d.e-]+ ± [\d.e-]+/)
    expect(error.message).to.contain('assay validator leave 1').and.contain('announced another pool')
  })

  it('takes one that can judge, and tries it once', async () => {
    found = pool
    const name = { specHash: task.specHash, poolRoot: task.spec.pool.root }
    expect(await awaitPool(context)).to.deep.equal(name)
    expect(said.at(-1)![1]).to.contain('can judge')
    const tries = trained
    expect(tries).to.be.above(0)
    expect(await awaitPool(context)).to.deep.equal(name)
    expect(trained).to.equal(tries)
  })

  it('is waited for a little at each block, and looked for once at a time', async () => {
    let looks = 0
    const answers = [Promise.withResolvers<object>(), Promise.withResolvers<object>()]
    const hanging = {
      ...context,
      pools: { find: () => answers[looks++]!.promise },
    } as unknown as OracleContext
    const wait = openPoolWait(hanging, 5)
    for (let block = 0; block < 3; block++) expect(await wait()).to.equal(undefined)
    expect(looks, 'the first look still runs').to.equal(1)

    answers[0]!.reject(new StoreError('unavailable', 'no answer'))
    await answers[0]!.promise.catch(() => undefined)
    answers[1]!.resolve({ pool, key: undefined })
    let name: PoolName | undefined
    while (name === undefined) name = await wait()
    expect(name.poolRoot).to.equal(task.spec.pool.root)
    expect(looks).to.equal(2)
  })
})
