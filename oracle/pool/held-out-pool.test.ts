import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import {
  blobs,
  type PackageWithPool,
  packageOf,
  poolOf,
  seedOf,
  smallTask,
} from '@assay/engine/fixtures/small-tasks.ts'
import { featuresOf, withFeatures } from '@assay/engine/package/features.ts'
import { poolRoot, writePool } from '@assay/engine/package/pool.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { openPoolShelf, PoolMissingError, type PoolShelf, type PoolShelfOptions } from './held-out-pool.ts'
import type { OpenedPool } from './open-envelope.ts'
import type { PoolName } from './seal-pool.ts'

const { pool } = smallTask()
const KEY = new Uint8Array(32).fill(5)
const OPENED: OpenedPool = { pool, key: KEY, author: `0x${'11'.repeat(20)}` }

describe("an oracle's held-out pool", () => {
  let dir: string
  let file: string
  let task: PackageWithPool
  let name: PoolName
  let opened: OpenedPool | undefined
  let looks = 0

  const shelf = (change: Partial<PoolShelfOptions> = {}): PoolShelf =>
    openPoolShelf({
      bench: { package: async () => task } as unknown as Workbench,
      dir,
      isOther: async () => false,
      copiesSeed: ({ poolRoot }) => deriveSeed(poolRoot, 'test copies'),
      fetchPool: async () => {
        looks += 1
        return opened
      },
      ...change,
    })
  const thrownBy = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => new Error('nothing was thrown'),
      (error: Error) => error,
    )

  before(async () => {
    task = await packageOf(smallTask())
    name = { specHash: task.specHash, poolRoot: task.spec.pool.root as Hash }
  })
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-pool-'))
    file = join(dir, 'given.safetensors')
    opened = undefined
    looks = 0
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('is missed until somebody has sealed it, then kept on disk for its owner alone', async () => {
    const pools = shelf()
    expect(await pools.find(name)).to.equal(undefined)
    expect(await thrownBy(pools.samples(name))).to.be.instanceOf(PoolMissingError)
    opened = OPENED
    expect(await pools.samples(name)).to.deep.equal(pool.samples)
    for (const kind of ['safetensors', 'key']) {
      const kept = join(dir, `pool-${name.poolRoot.slice(2, 18)}.${kind}`)
      expect((await stat(kept)).mode & 0o777, kind).to.equal(0o600)
    }

    looks = 0
    opened = undefined
    expect(await shelf().find(name), 'after a restart').to.deep.equal({ pool, key: KEY })
    expect(looks, 'no store was asked').to.equal(0)
  })

  it('is prepared for finding copies once, however many rounds it judges', async () => {
    const pools = shelf()
    expect(await thrownBy(pools.index(name))).to.be.instanceOf(PoolMissingError)
    opened = OPENED
    const index = await pools.index(name)
    expect(index.hashes.size).to.equal(pool.samples.n)
    expect(await pools.index(name)).to.equal(index)
  })

  it('is fetched again when its file was changed or cut, and without its key when only that was', async () => {
    opened = OPENED
    await shelf().find(name)
    const kept = join(dir, `pool-${name.poolRoot.slice(2, 18)}.safetensors`)
    await writeFile(kept, writePool(poolOf(blobs(5, seedOf('another'))), task.spec))
    looks = 0
    expect((await shelf().find(name))?.pool).to.deep.equal(pool)
    expect(looks).to.equal(1)
    for (const text of ['', 'short', 'k'.repeat(33)]) {
      await writeFile(kept.replace('.safetensors', '.key'), text)
      expect(await shelf().find(name), text).to.deep.equal({ pool, key: undefined })
    }
  })

  it('comes from the file that the owner gave, without a look into the stores', async () => {
    await writeFile(file, writePool(pool, task.spec))
    const found = await shelf({ poolFile: file }).find(name)
    expect(found).to.deep.equal({ pool, key: undefined })
    expect(looks).to.equal(0)
  })

  it('ends the oracle when that file is another pool or not there, and says whom to ask', async () => {
    const samples = withFeatures(pool.samples, featuresOf(pool.samples).with(0, 9))
    await writeFile(file, writePool(poolOf(samples), task.spec))
    for (const reason of [`the task's is ${task.spec.pool.root}`, "can't be read"]) {
      const error = await thrownBy(shelf({ poolFile: file }).find(name))
      expect(error).to.be.instanceOf(FatalDaemonError)
      expect(error.message).to.contain(`${file} is not the held-out pool of this task`)
      expect(error.message).to.contain(reason).and.contain("Ask the task's owner")
      await rm(file, { force: true })
    }
  })

  it('that has replaced the first one comes from the stores, whatever the old file is', async () => {
    await writeFile(file, writePool(pool, task.spec))
    const next = poolOf(blobs(77, seedOf('next pool')))
    opened = { ...OPENED, pool: next }
    const pools = shelf({ poolFile: file })
    expect(await pools.samples({ ...name, poolRoot: poolRoot(next) })).to.deep.equal(next.samples)
    expect(await pools.samples(name), 'the first one is still at hand').to.deep.equal(pool.samples)
  })

  it('that is announced may be the file that the owner gave: until then the first one comes from the stores', async () => {
    const next = poolOf(blobs(77, seedOf('next pool')))
    await writeFile(file, writePool(next, task.spec))
    const pools = shelf({ poolFile: file, isOther: async (root) => root === poolRoot(next) })
    opened = OPENED
    expect(await pools.samples(name)).to.deep.equal(pool.samples)
    looks = 0
    expect(await pools.samples({ ...name, poolRoot: poolRoot(next) })).to.deep.equal(next.samples)
    expect(looks, 'no store was asked for that one').to.equal(0)
  })

  it("passes the package's own fault on, and reads again after one", async () => {
    await writeFile(file, writePool(pool, task.spec))
    const broken = new EngineRefusal('package', 'eval.onnx is missing')
    let answers = 0
    const flaky = {
      package: async () => {
        if (answers++ === 0) throw broken
        return task
      },
    } as unknown as Workbench
    const pools = shelf({ bench: flaky, poolFile: file })
    expect(await thrownBy(pools.find(name))).to.equal(broken)
    expect(await pools.samples(name)).to.deep.equal(pool.samples)
  })
})
