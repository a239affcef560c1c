import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { blobs, seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { dataRoot, writeDataset } from '@assay/engine/package/data.ts'
import { expect } from 'chai'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'

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

  async function refusal(): Promise<string> {
    const error = await context.data().then(
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

  it('are refused if they changed, because every replay would fail', async () => {
    await context.data()
    await context.close()
    await writeFile(file, writeDataset(blobs(40, seedOf('other samples')), place.contents.spec))
    context = await place.open()
    expect(await refusal()).to.contain('Put the original file back')
  })

  it('are refused with a reason when the file is missing or no data set of the task', async () => {
    await writeFile(file, 'not a data set')
    expect(await refusal()).to.contain(file)
    await writeFile(
      file,
      writeDataset(blobs(40, seedOf('more classes'), 5), { ...place.contents.spec, target: { classes: 5 } }),
    )
    expect(await refusal()).to.contain('labels go from 0 to 2')
    await rm(file)
    expect(await refusal()).to.contain('dataFile')
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
