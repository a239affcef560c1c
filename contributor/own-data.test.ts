import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { BLOBS, BLOBS_CSV } from '@assay/engine/fixtures/recipes.ts'
import { blobs, seedOf, smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { dataRoot, writeDataset } from '@assay/engine/package/data.ts'
import { expect } from 'chai'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { requireEnrolledData } from './own-data.ts'

describe("a contributor's samples", () => {
  let place: Workplace
  let context: OpenContext
  let file: string

  beforeEach(async () => {
    place = await makeWorkplace()
    context = await place.open()
    file = join(place.dir, 'shard.safetensors')
  })
  afterEach(async () => {
    await context.close()
    await place.remove()
  })

  async function refusal(taken: Promise<unknown> = context.data()): Promise<string> {
    const error = await taken.then(
      () => new Error('it was taken'),
      (reason: Error) => reason,
    )
    expect(error, error.message).to.be.instanceOf(FatalDaemonError)
    return error.message
  }

  it('are committed to with salts that only the key gives', async () => {
    const { dataset, root, secret } = await context.data()
    expect(dataset.n).to.equal(place.samples.n)
    expect(root).to.equal(dataRoot(place.samples, secret))
    expect(root).to.not.equal(dataRoot(place.samples, seedOf('another secret')))
    expect(secret).to.not.equal(context.secrets.data(2n))
  })

  it('are refused unless the chain has their root, in a new folder too', async () => {
    const { root: enrolled } = await context.data()
    await requireEnrolledData(context, enrolled)
    await context.close()
    await writeFile(file, writeDataset(blobs(40, seedOf('other samples')), place.contents.spec))
    for (const dataDir of [join(place.dir, 'data'), join(place.dir, 'new folder')]) {
      context = await place.open({ dataDir })
      const error = await refusal(requireEnrolledData(context, enrolled))
      expect(error).to.contain(`enrolled in task 1 with ${enrolled}`).and.contain('assay leave 1')
      const { root: other } = await context.data()
      expect(error).to.contain(`${file} have the root ${other}`)
      await requireEnrolledData(context, other)
      await context.close()
    }
    context = await place.open()
  })

  it('are refused under another key seed, whose salts give another root', async () => {
    const { root: enrolled } = await context.data()
    await context.close()
    context = await place.open({ privateKey: seedOf('other key'), dataDir: join(place.dir, 'other') })
    expect(await refusal(requireEnrolledData(context, enrolled))).to.contain('Put the original file back')
  })

  it('are not committed to in a task that names another program than its step.onnx', async () => {
    await context.close()
    context = await place.open({ programRoot: seedOf('another program') })
    expect(await refusal())
      .to.include(`has the program root ${place.contents.programRoot}`)
      .and.include(`the task on chain names ${seedOf('another program')}`)
  })

  it('are refused with a reason when the file is missing or no data set of the task', async () => {
    await writeFile(file, 'not a data set')
    expect(await refusal()).to.contain(file)
    await writeFile(file, writeDataset(blobs(40, seedOf('more classes'), 5), place.contents.spec))
    expect(await refusal()).to.contain('labels go from 0 to 2')
    await rm(file)
    expect(await refusal()).to.contain('dataFile')
  })

  it('are made of a table of the contributor, if the package says how', async () => {
    const csv = join(place.dir, 'mine.csv')
    await writeFile(csv, BLOBS_CSV)
    await context.close()
    context = await place.open({ dataFile: csv })
    expect(await refusal())
      .to.contain('has no preprocess.json')
      .and.contain('mine.csv')
    await context.close()
    await place.remove()
    place = await makeWorkplace({ ...smallTask(), preprocess: BLOBS })
    await writeFile(join(place.dir, 'mine.csv'), BLOBS_CSV)
    context = await place.open({ dataFile: join(place.dir, 'mine.csv') })
    const { dataset } = await context.data()
    expect([dataset.n, [...dataset.y]]).to.deep.equal([2, [0, 2]])
    await writeFile(join(place.dir, 'mine.csv'), `${BLOBS_CSV}1,1,1,1,1,1,1,1,9\n`)
    await context.close()
    context = await place.open({ dataFile: join(place.dir, 'mine.csv') })
    expect(await refusal()).to.contain(
      'mine.csv, row 3 (line 4), column "kind" is "9": expected "0", "1", "2"',
    )
  })

  it('may be prepared by a behaviour, before anything is committed to', async () => {
    await context.close()
    context = await place.open({
      behaviour: { prepareData: (data) => ({ ...data, y: data.y.map(() => 0) }) },
    })
    const { root, secret } = await context.data()
    expect(root).to.not.equal(dataRoot(place.samples, secret))
  })
})
