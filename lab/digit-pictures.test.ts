import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { learnPreprocess } from '@assay/engine/prepare/learn.ts'
import { makeSamples } from '@assay/engine/prepare/make-samples.ts'
import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { writeDigitPictures } from './digit-pictures.ts'
import { readDigits } from './digits.ts'

describe('digits as pictures', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-pictures-'))
  })
  after(() => rm(folder, { recursive: true }))

  const write = async (name: string, seed: string) => {
    const place = join(folder, name)
    await writeDigitPictures(place, { pictures: { train: 2, test: 1 }, seed: keccak256(toHex(seed)) })
    const { files } = await rawFilesAt(join(place, 'train'))
    const { recipe } = await learnPreprocess(files)
    const { tensors } = await makeSamples(
      { ...recipe, scale: [{ mean: '0', deviation: '1' }] } as typeof recipe,
      files,
    )
    return { x: [...tensors.get('x')!.data].map(Number), y: [...tensors.get('y')!.data].map(Number) }
  }

  it('are as many of each, with the pixels of the digits, others for another seed', async () => {
    const [one, again, other] = [await write('1', '1'), await write('again', '1'), await write('2', '2')]
    expect(one.y).to.deep.equal(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)))
    expect(again).to.deep.equal(one)
    expect(other.x).to.not.deep.equal(one.x)
    const { inputs } = await readDigits()
    const isFirst = (i: number) =>
      inputs.x!.subarray(784 * i, 784 * (i + 1)).every((share, at) => Math.round(share * 255) === one.x[at])
    expect(Array.from({ length: 1100 }, (_, i) => i).some(isFirst)).to.equal(true)
    expect(await readdir(join(folder, '1/test/9'))).to.deep.equal(['0001.png'])
  })

  it('are refused where there are too few', async () => {
    const pictures = { train: 5000, test: 1 }
    const error = await writeDigitPictures(join(folder, 'many'), { pictures, seed: keccak256('0x01') }).catch(
      (thrown) => thrown,
    )
    expect(error).to.be.instanceOf(RangeError)
    expect(error.message).to.match(/^there are \d+ pictures of the digit 0, not 5001$/)
  })
})
