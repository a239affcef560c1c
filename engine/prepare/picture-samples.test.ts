import { expect } from 'chai'
import { chunk, jpeg, png, rawPng, withSegment } from '../fixtures/pictures.ts'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { PETS } from '../fixtures/recipes.ts'
import { checkPreprocess, type PicturesPreprocess } from '../package/preprocess.ts'
import { openPicture, pictureHeader } from './open-picture.ts'
import type { Picture } from './picture.ts'
import { pictureSamples } from './picture-samples.ts'

const open = (bytes: Uint8Array) => openPicture(rawFile('cat/1.png', bytes))
const refused = (bytes: Uint8Array) => refusalOf(() => open(bytes))
const grey = (data: number[], width = data.length, height = 1) => png({ width, height, data })
const valuesOf = ({ data }: Pick<Picture, 'data'>) => [...data]

describe('a picture', () => {
  it('is read of grey, colours, 16 bits, and less than a byte', async () => {
    expect(await open(grey([0, 128, 255]))).to.deep.equal({
      width: 3,
      height: 1,
      channels: 1,
      data: Uint8Array.of(0, 128, 255),
    })
    const colours = await open(png({ width: 1, height: 2, channels: 3, data: [1, 2, 3, 4, 5, 6] }))
    expect([colours.channels, valuesOf(colours)]).to.deep.equal([3, [1, 2, 3, 4, 5, 6]])
    const deep = await open(png({ width: 4, height: 1, depth: 16, data: [0, 128, 129, 65_535] }))
    expect(valuesOf(deep)).to.deep.equal([0, 0, 1, 255])
    const rows = Uint8Array.of(0, 0b00011011, 0b11000000, 0, 0b11111111, 0)
    expect(valuesOf(await open(rawPng({ width: 5, height: 2, depth: 2, colour: 0, rows })))).to.deep.equal([
      0, 85, 170, 255, 255, 255, 255, 255, 255, 0,
    ])
  })

  it('is read of a palette, and of what is transparent', async () => {
    const palette = chunk('PLTE', Uint8Array.of(9, 8, 7, 6, 5, 4))
    const rows = Uint8Array.of(0, 1, 0)
    const indexed = { width: 2, height: 1, depth: 8, colour: 3, rows }
    expect(valuesOf(await open(rawPng(indexed, [palette])))).to.deep.equal([6, 5, 4, 9, 8, 7])
    const clear = await open(rawPng(indexed, [palette, chunk('tRNS', Uint8Array.of(0))]))
    expect(clear.alpha).to.deep.equal(Uint8Array.of(255, 0))
    const keyed = { width: 2, height: 1, depth: 8, colour: 0, rows: Uint8Array.of(0, 5, 6) }
    expect((await open(rawPng(keyed, [chunk('tRNS', Uint8Array.of(0, 6))]))).alpha).to.deep.equal(
      Uint8Array.of(255, 0),
    )
    const layered = await open(png({ width: 1, height: 1, channels: 4, data: [1, 2, 3, 100] }))
    expect([valuesOf(layered), layered.alpha]).to.deep.equal([[1, 2, 3], Uint8Array.of(100)])
  })

  it('of JPEG is turned as its camera says', async () => {
    const bytes = jpeg(16, 8, 200)
    const upright = await open(bytes)
    expect([upright.width, upright.height, upright.channels]).to.deep.equal([16, 8, 3])
    expect(upright.data.every((value) => Math.abs(value - 200) < 4)).to.equal(true)
    const turned = await open(jpeg(16, 8, 200, 6))
    expect([turned.width, turned.height]).to.deep.equal([8, 16])
    expect(await pictureHeader(rawFile('a.jpg', jpeg(16, 8, 200, 6)))).to.deep.equal({
      kind: 'JPEG',
      width: 16,
      height: 8,
      orientation: 6,
    })
  })

  it('is turned to each of the eight sides', async () => {
    const tiff = (orientation: number) =>
      chunk(
        'eXIf',
        Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0),
      )
    const rows = Uint8Array.of(0, 1, 2, 0, 3, 4, 0, 5, 6)
    const of = async (orientation: number) => {
      const { width, data } = await open(
        rawPng({ width: 2, height: 3, depth: 8, colour: 0, rows }, [tiff(orientation)]),
      )
      return Array.from({ length: 6 / width }, (_, y) =>
        [...data.subarray(y * width, (y + 1) * width)].join(''),
      ).join(' ')
    }
    const seen = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map(of))
    expect(seen).to.deep.equal([
      '12 34 56',
      '21 43 65',
      '65 43 21',
      '56 34 12',
      '135 246',
      '531 642',
      '642 531',
      '246 135',
      '12 34 56',
    ])
  })

  const whole = grey([1, 2, 3, 4], 2, 2)
  const photo = jpeg(16, 16, 90)
  const rows = new Uint8Array(2)
  const tiny = { width: 1, height: 1, depth: 8, colour: 0, rows }
  const wrong: [what: string, bytes: () => Uint8Array, said: string][] = [
    ['nothing', () => new Uint8Array(0), 'cat/1.png is empty'],
    ['another format', () => new TextEncoder().encode('GIF89a'), 'is no PNG and no JPEG file'],
    ['a PNG cut short', () => whole.subarray(0, whole.length - 20), 'is a PNG file that ends too early'],
    ['a PNG without rows', () => rawPng({ ...tiny, height: 2 }), 'with 2 bytes of pixels, its size needs 4'],
    [
      'a PNG with a wrong checksum',
      () => whole.with(-13, whole.at(-13)! ^ 1),
      'cat/1.png is a broken PNG file',
    ],
    [
      'a PNG of too many pixels',
      () => rawPng({ ...tiny, width: 5000, height: 5000 }),
      '5000 × 5000 pixels, the limit is 16777216',
    ],
    ['a PNG of no pixels', () => rawPng({ ...tiny, width: 0 }), 'a picture of 0 × 1 pixels'],
    [
      'a PNG of an unknown kind',
      () => rawPng({ ...tiny, depth: 3 }),
      'of an unknown kind (colour type 0, 3 bits',
    ],
    [
      'a PNG bomb',
      () => rawPng({ ...tiny, rows: new Uint8Array(1_000_000) }),
      'unpacks to more than its 2 bytes of pixels',
    ],
    ['a JPEG cut short', () => photo.subarray(0, photo.length - 30), 'is a JPEG file that ends too early'],
    ['a JPEG cut in its header', () => photo.subarray(0, 30), 'is a JPEG file that ends too early'],
    ['a JPEG for printers', () => cmyk(photo), 'is a JPEG file of 4 colours, as printers use (CMYK)'],
    ['a JPEG of too many pixels', () => resizedHeader(photo), '65535 × 65535 pixels, the limit is 16777216'],
    [
      'a JPEG of a rare kind',
      () => withSegment(photo, 0xc9, new Uint8Array(8)),
      'is a JPEG file of a rare kind',
    ],
    ['a JPEG of many scans', () => manyScans(photo), 'is a JPEG file of 101 scans, the limit is 64'],
  ]
  for (const [what, bytes, said] of wrong)
    it(`is refused: ${what}`, async () => {
      expect(await refused(bytes())).to.include(said)
    })

  it('is refused as a file over the limit, unread', async () => {
    const file = { path: 'a.png', sizeBytes: 2 ** 26 + 1, read: () => expect.fail('it was read') }
    expect(await refusalOf(() => openPicture(file))).to.include(
      '67108865 bytes, the limit of a picture is 67108864',
    )
  })

  it('does not unpack what it does not need', async () => {
    const profile = [...new TextEncoder().encode('x\0'), 0]
    const bomb = chunk('iCCP', Uint8Array.from([...profile, 1, 2, 3]))
    expect(valuesOf(await open(rawPng({ ...tiny, rows: Uint8Array.of(0, 7) }, [bomb])))).to.deep.equal([7])
  })
})

/** The place of a JPEG file's frame: its marker. */
const frameOf = (bytes: Uint8Array) => bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0)

function cmyk(bytes: Uint8Array): Uint8Array {
  return bytes.with(frameOf(bytes) + 9, 4)
}

function resizedHeader(bytes: Uint8Array): Uint8Array {
  const at = frameOf(bytes) + 5
  return bytes.map((byte, i) => (i >= at && i < at + 4 ? 255 : byte))
}

function manyScans(bytes: Uint8Array): Uint8Array {
  return Array.from({ length: 100 }).reduce<Uint8Array>(
    (whole) => withSegment(whole, 0xda, new Uint8Array(10)),
    bytes,
  )
}

describe('samples of pictures', () => {
  const make = (files: [path: string, bytes: Uint8Array][], change: object = {}, isLabelled = true) =>
    pictureSamples(
      checkPreprocess({ ...PETS, ...change }) as PicturesPreprocess,
      files.map(([path, bytes]) => rawFile(path, bytes)),
      { isLabelled },
    )
  const square = grey([0, 51, 102, 255], 2, 2)

  it('have their pixels scaled, and the class of their folder', async () => {
    const { n, tensors, placeOf } = await make([
      ['cat/1.png', square],
      ['cats/deep/2.PNG', square],
      ['dog/3.png', square],
      ['dog/notes.txt', square],
    ])
    expect(n).to.equal(3)
    expect(tensors.get('x')!.shape).to.deep.equal([3, 2, 2, 1])
    const pixels = [0, 51 / 255, 102 / 255, 1].map(Math.fround)
    expect([...tensors.get('x')!.data]).to.deep.equal([...pixels, ...pixels, ...pixels])
    expect([...tensors.get('y')!.data]).to.deep.equal([0, 0, 1])
    expect(placeOf(1)).to.equal('cats/deep/2.PNG')
  })

  it('have each channel on its own where the task wants it so, and grey in three colours', async () => {
    const one = { mean: '0', deviation: '1' }
    const change = { channels: 3, scale: [one, { ...one, mean: '1' }, one], order: 'channels-first' }
    const { tensors } = await make([['dog/1.png', square]], change)
    expect(tensors.get('x')!.shape).to.deep.equal([1, 3, 2, 2])
    expect([...tensors.get('x')!.data]).to.deep.equal([0, 51, 102, 255, -1, 50, 101, 254, 0, 51, 102, 255])
  })

  it('are made smaller and larger in integers', async () => {
    const scale = [{ mean: '0', deviation: '1' }]
    const wide = grey([10, 20, 31, 40, 50, 60], 3, 2)
    const of = async (resize: string, bytes: Uint8Array) => [
      ...(await make([['dog/1.png', bytes]], { resize, scale })).tensors.get('x')!.data,
    ]
    expect(await of('area', wide)).to.deep.equal([13, 27, 43, 57])
    expect(await of('nearest', wide)).to.deep.equal([10, 31, 40, 60])
    expect(await of('area', grey([7]))).to.deep.equal([7, 7, 7, 7])
    expect(await of('area', grey([0, 1, 2, 255], 1, 4))).to.deep.equal([1, 1, 129, 129])
  })

  it('become grey by the weights of the eye, on the background that shows through', async () => {
    const scale = [{ mean: '0', deviation: '1' }]
    const data = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 100, 100, 100, 51]
    const clear = png({ width: 2, height: 2, channels: 4, data })
    const { tensors } = await make([['cat/1.png', clear]], { background: 200, scale })
    expect([...tensors.get('x')!.data]).to.deep.equal([76, 150, 29, 180])
    expect(await refusalOf(() => make([['cat/1.png', clear]]))).to.include(
      'cat/1.png has pixels that are not opaque',
    )
  })

  it('are refused with the file and what was expected', async () => {
    const refuse = (...args: Parameters<typeof make>) => refusalOf(() => make(...args))
    expect(await refuse([['cow/1.png', square]])).to.equal(
      'cow/1.png stands in the folder "cow": expected one of cat, cats, dog',
    )
    expect(await refuse([['1.png', square]])).to.include('1.png stands in no folder: expected one of cat')
    expect(await refuse([['cat/1.png', grey([1, 2, 3])]])).to.equal(
      'cat/1.png has 3 × 1 pixels, expected 2 × 2',
    )
    expect(await refuse([['cat/1.txt', square]])).to.include('no file ends in .png, .jpg or .jpeg')
    const small = { scale: [{ mean: '0', deviation: '1e-300' }] }
    expect(await refuse([['cat/1.png', square]], small)).to.include('makes values that are no float32')
    const large = { width: 2048, height: 2048 }
    const many = Array.from({ length: 17 }, (_, i): [string, Uint8Array] => [`cat/${i}.png`, square])
    expect(await refuse(many, large)).to.include('17 pictures of 4194304 values are 285212672 bytes')
  })

  it('need no folder when they are to be predicted', async () => {
    expect([...(await make([['1.png', square]], {}, false)).tensors.keys()]).to.deep.equal(['x'])
  })
})
