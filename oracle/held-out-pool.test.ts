import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import type { Workbench } from '@assay/daemon/workbench.ts'
import { type PackageWithPool, packageOf, poolOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { writePool } from '@assay/engine/package/pool.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { expect } from 'chai'
import { openHeldOutPool } from './held-out-pool.ts'

describe("an oracle's held-out pool", () => {
  let dir: string
  let file: string
  let task: PackageWithPool
  const { pool } = smallTask()
  const bench = { package: async () => task } as unknown as Workbench
  const open = (from = bench) => openHeldOutPool(from, file)(task.specHash)

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-pool-'))
    file = join(dir, 'pool.safetensors')
    task = await packageOf(smallTask())
  })
  after(() => rm(dir, { recursive: true }))

  it('comes from the file of that pool', async () => {
    await writeFile(file, writePool(pool, task.spec))
    expect(await open()).to.deep.equal(pool.samples)
  })

  it('ends the oracle when the file is another pool or not there, and says whom to ask', async () => {
    const samples = { ...pool.samples, x: pool.samples.x.with(0, 9) }
    await writeFile(file, writePool(poolOf(samples), task.spec))
    for (const reason of [`the task's is ${task.spec.pool.root}`, "can't be read"]) {
      const error = await open().catch((thrown) => thrown)
      expect(error).to.be.instanceOf(FatalDaemonError)
      expect(error.message).to.contain(`${file} is not the held-out pool of this task`)
      expect(error.message).to.contain(reason).and.contain("Ask the task's owner")
      await rm(file, { force: true })
    }
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
    const holdout = openHeldOutPool(flaky, file)
    expect(await holdout(task.specHash).catch((thrown) => thrown)).to.equal(broken)
    expect(await holdout(task.specHash)).to.deep.equal(pool.samples)
  })
})
