import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { blobs, seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { dataRoot, writeDataset } from '@assay/engine/package/data.ts'
import { expect } from 'chai'
import { type Desk, makeWorkplace, type Workplace } from './fixtures/desk.ts'

describe("a contributor's samples", () => {
  let place: Workplace
  let desk: Desk
  let file: string

  beforeEach(async () => {
    place = await makeWorkplace()
    desk = await place.open()
    file = join(place.dir, 'shard.safetensors')
  })
  afterEach(async () => {
    await desk.close()
    await place.remove()
  })

  async function refusal(): Promise<string> {
    const error = await desk.data().then(
      () => new Error('it was taken'),
      (reason: Error) => reason,
    )
    expect(error, error.message).to.be.instanceOf(FatalDaemonError)
    return error.message
  }

  it('are committed to with salts that only the key gives', async () => {
    const { dataset, root, secret } = await desk.data()
    expect(dataset.n).to.equal(place.samples.n)
    expect(root).to.equal(dataRoot(place.samples, secret))
    expect(root).to.not.equal(dataRoot(place.samples, seedOf('another secret')))
    expect(secret).to.not.equal(desk.secrets.data(2n))
  })

  it('are refused once they changed, because every replay would fail', async () => {
    await desk.data()
    await desk.close()
    await writeFile(file, writeDataset(blobs(40, seedOf('other samples')), place.contents.spec))
    desk = await place.open()
    expect(await refusal()).to.contain('Put the original file back')
  })

  it('are refused in words when the file is missing or no data set of the task', async () => {
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
    await desk.close()
    desk = await place.open({ behaviour: { prepareData: (data) => ({ ...data, y: data.y.map(() => 0) }) } })
    const { root, secret } = await desk.data()
    expect(root).to.not.equal(dataRoot(place.samples, secret))
  })
})
