import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { expect } from 'chai'
import { CliError } from './failure.ts'
import { readPackage, readPool, readSampleBytes } from './read-package.ts'

describe('a package or samples that can not be used', () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-read-package-'))
  })
  after(() => rm(dir, { recursive: true }))

  it('are wrong usage where there is no package, with the folder and what belongs there', async () => {
    for (const place of [join(dir, 'nowhere'), import.meta.filename]) {
      const error = await refusalOf(readPackage(place))
      expect(error.kind).to.equal('usage')
      expect(error.message).to.include(`${place} is not a task package: task.json can't be read`)
      expect(error.fix).to.equal('Give the folder that holds task.json and the files beside it.')
    }
  })

  it('are refused where the files are not those of task.json, with both sizes', async () => {
    const place = join(dir, 'grown')
    const { spec } = await writeTaskPackage(place, smallTask())
    const { bytes } = spec.files['step.onnx']
    await appendFile(join(place, 'step.onnx'), 'abc')

    const error = await refusalOf(readPackage(place))

    expect(error.kind).to.equal('failed')
    expect(error.message).to.equal(
      `The package ${place} is refused: step.onnx has ${bytes + 3} bytes, task.json says ${bytes}.`,
    )
    expect(error.fix).to.include('--package')
  })

  for (const format of ['assay-task-1', 'assay-task-2', 'assay-task-3'])
    it(`are refused where the package is of the format ${format}, with the command that converts it`, async () => {
      const place = join(dir, format)
      await mkdir(place)
      await writeFile(join(place, 'task.json'), `{"format":"${format}"}`)

      const error = await refusalOf(readPackage(place))

      expect(error.kind).to.equal('failed')
      expect(error.fix).to.equal(`Write it anew: assay package convert ${place} <new-folder>`)
    })

  it('are refused where the package is of a newer format, with the version to use', async () => {
    const place = join(dir, 'newer')
    await mkdir(place)
    await writeFile(join(place, 'task.json'), '{"format":"assay-task-99"}')

    const error = await refusalOf(readPackage(place))

    expect(error.message).to.include(
      'task.json has the format assay-task-99, this program reads assay-task-4',
    )
    expect(error.fix).to.equal('Use the version of Assay that the package was written with.')
  })

  it('name the pool that is not of the task', async () => {
    const { spec } = await writeTaskPackage(join(dir, 'with pool'), smallTask())
    const file = join(dir, 'bad-pool.txt')
    await writeFile(file, 'bad pool')

    const error = await refusalOf(readPool(file, spec))

    expect(error.message).to.include(`${file} is not the held-out pool of this task: `)
    expect(error.fix).to.include('--pool')
  })

  it('name the file of the samples and what it should hold', async () => {
    const { spec } = await writeTaskPackage(join(dir, 'good'), smallTask())
    const file = join(dir, 'bad.txt')
    await writeFile(file, 'bad data')

    expect(() => readSampleBytes(new TextEncoder().encode('bad data'), file, spec))
      .to.throw(CliError, `The samples of ${file} can't be used: `)
      .with.property('fix')
      .that.includes('--data')
  })
})

async function refusalOf(reading: Promise<unknown>): Promise<CliError> {
  const error = await reading.catch((thrown) => thrown)
  if (error instanceof CliError) return error
  throw new Error(`not refused by the command line: ${error}`)
}
