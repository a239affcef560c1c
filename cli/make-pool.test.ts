import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lineSamples, regressionTask } from '@assay/engine/fixtures/kinds-of-samples.ts'
import { readAnyPoolFile, readTaskPackage, writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { withoutStrata, writeDataset } from '@assay/engine/package/data.ts'
import { expect } from 'chai'
import { CliError } from './failure.ts'
import { makePool } from './make-pool.ts'

const SAMPLES = 160

describe('assay package pool', () => {
  const { spec, ...contents } = regressionTask()
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-make-pool-'))
    await writeTaskPackage(join(dir, 'lines'), { spec, ...contents })
  })
  after(() => rm(dir, { recursive: true }))

  it('writes fresh samples as a pool, with the strata of a task that has a column of them', async () => {
    const [data, out] = [join(dir, 'fresh.safetensors'), join(dir, 'next.safetensors')]
    const fresh = lineSamples('fresh', SAMPLES)
    await writeFile(data, writeDataset(fresh, spec))
    const { root, samples } = await makePool(join(dir, 'lines'), { data, out })
    expect(samples).to.equal(SAMPLES)
    const task = await readTaskPackage(join(dir, 'lines'))
    const held = await readAnyPoolFile(out, task.spec)
    expect(held.root).to.equal(root)
    expect(held.pool.samples).to.deep.equal(fresh)
  })

  it('is refused with the fix when such a task gets samples without them', async () => {
    const data = join(dir, 'bare.safetensors')
    await writeFile(data, writeDataset(withoutStrata(lineSamples('fresh', SAMPLES)), spec))
    const refusal = await makePool(join(dir, 'lines'), { data, out: join(dir, 'none') }).then(
      () => expect.fail('it was taken'),
      (error) => error,
    )
    expect(refusal).to.be.instanceOf(CliError)
    expect(refusal.message).to.contain('a data file holds x (F32), y (F32), stratum (I32), nothing else')
    expect(refusal.fix).to.equal('Give --data a safetensors file with x (F32), y (F32) and stratum (I32).')
  })
})
