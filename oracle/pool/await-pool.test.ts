import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { openTold } from '@assay/daemon/told.ts'
import {
  blobs,
  type PackageWithPool,
  packageOf,
  poolOf,
  seedOf,
  smallTask,
} from '@assay/engine/fixtures/small-tasks.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { type Pool, poolRoot } from '@assay/engine/package/pool.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { hashIn, ofKey, ofTask } from '@assay/sdk/protocol/rounds-slots.ts'
import { POOL_WORD, packWord } from '@assay/sdk/protocol/words.ts'
import { readPool } from '@assay/sdk/verbs/rounds/read-pool.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import type { OracleContext } from '../oracle-context.ts'
import { awaitPool, openPoolWait } from './await-pool.ts'
import type { TaskPool } from './pool-names.ts'
import type { PoolName } from './seal-pool.ts'

const { pool } = smallTask()
const NEXT = poolOf(blobs(120, seedOf('next pool')))
const NEXT_ROOT = poolRoot(NEXT)
const OWN = `0x${'0a'.repeat(20)}`

describe('an oracle that needs the held-out pool', () => {
  let task: PackageWithPool
  let engine: Engine
  let found: Pool | undefined
  let next: Pool | undefined
  const slots = new Map<Hash, bigint>()
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
    next = undefined
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
    log: { info: say, warn: say, error: say },
    reader: {
      deployment: { contracts: {} },
      chain: {
        readContract: async ({ functionName, args }: { functionName: string; args: [readonly Hash[]] }) => {
          if (functionName !== 'readSlots') return { specHash: task.specHash }
          return [1_800_000_000n, args[0].map((slot) => hashIn(slots.get(slot) ?? 0n))]
        },
      },
    },
    bench: { package: async () => task, engine: async () => engine, discardEngine: async () => undefined },
    pools: {
      find: async ({ poolRoot }: PoolName) => {
        const one = poolRoot === NEXT_ROOT ? next : found
        return one && { pool: one, key: undefined }
      },
    },
  } as unknown as OracleContext
  const current = (): TaskPool => ({
    specHash: task.specHash,
    poolRoot: task.spec.pool.root as Hash,
    firstRound: 1,
    isAnnounced: false,
  })

  const named = () => readPool(context.reader, { taskId: 1n })

  /** The chain names the package's pool, and NEXT as announced for a round. */
  function announce(announcedFor: bigint): void {
    slots.set(ofTask('roundTerms', 1n), 1n)
    slots.set(ofTask('pools', 1n), packWord(POOL_WORD, { current: 0n, firstRound: 1n, announcedFor }))
    slots.set(ofKey('poolRoots', 1n, 0), BigInt(task.spec.pool.root))
    slots.set(ofKey('poolRoots', 1n, 1), BigInt(NEXT_ROOT))
  }

  /** The pool with labels that have nothing to do with the features. */
  const scrambled = (): Pool => {
    const y = pool.samples.y.map((_, i) => pool.samples.y[(i * 37 + 11) % pool.samples.n]!)
    return { ...pool, samples: { ...pool.samples, y } }
  }

  it('says once whom to ask', async () => {
    expect(await awaitPool(context, current())).to.equal(false)
    expect(await awaitPool(context, current())).to.equal(false)
    expect(said).to.have.length(1)
    expect(said[0]![1]).to.contain('assay task seal 1')
  })

  it('refuses one whose labels teach nothing, with figures, and what to do', async () => {
    found = scrambled()
    const error = await awaitPool(context, current()).catch((thrown) => thrown)
    expect(error).to.be.instanceOf(FatalDaemonError)
    expect(error.message).to.match(/from a loss of [\d.]+ to [\d.]+ .* by -?[\d.e-]+ ± [\d.e-]+/)
    expect(error.message).to.contain('assay validator leave 1').and.contain('announced another pool')
  })

  it('takes one that can judge, and tries it once', async () => {
    found = pool
    expect(await awaitPool(context, current())).to.equal(true)
    expect(said.at(-1)![1]).to.contain('can judge')
    const tries = trained
    expect(tries).to.be.above(0)
    expect(await awaitPool(context, current())).to.equal(true)
    expect(trained).to.equal(tries)
  })

  it('follows a pool that is announced, and judges with the current one meanwhile', async () => {
    found = pool
    announce(4n)
    const wait = openPoolWait(context)
    for (const phase of ['Open', 'Commit', 'CohortVote'] as const)
      expect(await wait(await named(), phase), 'nothing is tried beside duties').to.deep.equal([current()])
    const toldOf = said.filter(([values]) => 'poolRoot' in values && values.poolRoot === NEXT_ROOT)
    expect(toldOf).to.deep.equal([])
    expect(await wait(await named(), 'Idle'), 'nobody has handed it over').to.deep.equal([current()])
    expect(said.at(-1)).to.deep.include({ poolRoot: NEXT_ROOT, firstRound: 4 })
    next = NEXT
    let here: TaskPool[] = []
    for (let block = 0; here.length < 2 && block < 100; block++) here = await wait(await named(), 'Idle')
    expect(here[1]).to.deep.equal({
      ...current(),
      poolRoot: NEXT_ROOT,
      firstRound: 4,
      isAnnounced: true,
    })
    expect(said.at(-1)![1], 'it was tried like the first one').to.contain('can judge')
  })

  it('goes on with the current pool when the announced one can not judge, until it is the current one', async () => {
    found = pool
    next = scrambled()
    db.exec('DELETE FROM facts')
    announce(4n)
    const wait = openPoolWait(context)
    const refused = () => said.filter(([, words]) => words.includes('not ready for the announced pool'))
    for (let block = 0; refused().length === 0 && block < 100; block++)
      expect(await wait(await named(), 'Idle')).to.deep.equal([current()])
    const tries = trained
    expect(await wait(await named(), 'Idle')).to.deep.equal([current()])
    expect([trained, refused().length], 'it is tried and told once').to.deep.equal([tries, 1])

    slots.set(ofTask('pools', 1n), packWord(POOL_WORD, { current: 1n, firstRound: 4n, announcedFor: 0n }))
    expect(await wait(await named(), 'Idle').catch((error) => error)).to.be.instanceOf(FatalDaemonError)
  })

  it('is waited for a little at each block, and looked for once at a time', async () => {
    announce(0n)
    let looks = 0
    const answers = [Promise.withResolvers<object>(), Promise.withResolvers<object>()]
    const hanging = {
      ...context,
      pools: { find: () => answers[looks++]!.promise },
    } as unknown as OracleContext
    const wait = openPoolWait(hanging, 5)
    for (let block = 0; block < 3; block++) expect(await wait(await named(), 'Idle')).to.deep.equal([])
    expect(looks, 'the first look still runs').to.equal(1)

    answers[0]!.reject(new StoreError('unavailable', 'no answer'))
    await answers[0]!.promise.catch(() => undefined)
    answers[1]!.resolve({ pool, key: undefined })
    let here: TaskPool[] = []
    while (here.length === 0) here = await wait(await named(), 'Idle')
    expect(here).to.deep.equal([current()])
    expect(looks).to.equal(2)
  })
})
