import { expect } from 'chai'
import { strToU8, zipSync } from 'fflate'
import { npy, npyHeader, npyOf } from '../fixtures/numpy.ts'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { writeSafetensors } from '../package/safetensors.ts'
import { openArrays } from './open-arrays.ts'

const open = (path: string, bytes: Uint8Array) => openArrays([rawFile(path, bytes)])
const refused = (path: string, bytes: Uint8Array) => refusalOf(() => open(path, bytes))
const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes)
const values = async (descr: string, data: Uint8Array, shape = [1]) => [
  ...Array.from((await open('x.npy', npy(npyHeader(descr, shape), data))).get('x')!.values),
]

describe('an array of NumPy', () => {
  it('is read with its name, type and shape', async () => {
    const { name, place, dtype, shape, values } = (
      await open('deep/x.npy', npyOf([1, 2, 3, 4, 5, 6], [3, 2]))
    ).get('deep/x')!
    expect([name, place, dtype, shape, [...Array.from(values)]]).to.deep.equal([
      'deep/x',
      'deep/x.npy',
      'float64',
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ])
  })

  it('is read of each type, and of both byte orders', async () => {
    expect(await values('|b1', bytesOf(1))).to.deep.equal([1])
    expect(await values('|i1', bytesOf(0xff))).to.deep.equal([-1])
    expect(await values('|u1', bytesOf(0xff))).to.deep.equal([255])
    expect(await values('>i2', bytesOf(0xff, 0xfe))).to.deep.equal([-2])
    expect(await values('<u2', bytesOf(0xfe, 0xff))).to.deep.equal([65_534])
    expect(await values('>u4', bytesOf(0xff, 0xff, 0xff, 0xff))).to.deep.equal([2 ** 32 - 1])
    expect(await values('<i4', bytesOf(0xff, 0xff, 0xff, 0x7f))).to.deep.equal([2 ** 31 - 1])
    expect(await values('<i8', bytesOf(0xf9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).to.deep.equal([-7])
    expect(await values('>u8', bytesOf(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).to.deep.equal([
      2 ** 53 - 1,
    ])
    expect(await values('>f4', bytesOf(0x3f, 0xc0, 0, 0))).to.deep.equal([1.5])
    expect(await values('>f8', bytesOf(0xc0, 0x04, 0, 0, 0, 0, 0, 0))).to.deep.equal([-2.5])
  })

  it('is read of float16, down to its smallest', async () => {
    const halves = bytesOf(0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c, 0x01, 0x7e)
    expect(await values('<f2', halves, [6])).to.deep.equal([
      1,
      -2.5,
      2 ** -24,
      65_504,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ])
  })

  it('is turned where it goes column by column', async () => {
    const data = new Uint8Array(Float64Array.of(0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11).buffer)
    const arrays = await open('x.npy', npy(npyHeader('<f8', [2, 2, 3], true), data))
    expect([...Array.from(arrays.get('x')!.values)]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('is read of the second version, of no elements and of no shape', async () => {
    const header = npyHeader('<f8', [0, 3])
    expect((await open('x.npy', npy(header, bytesOf(), 2))).get('x')!.shape).to.deep.equal([0, 3])
    expect((await open('x.npy', npy(npyHeader('|u1', []), bytesOf(5)))).get('x')!.shape).to.deep.equal([])
  })

  const wrong: [what: string, path: string, bytes: () => Uint8Array, said: string][] = [
    [
      'objects',
      'x.npy',
      () => npy(npyHeader('|O', [1]), bytesOf(0x80, 4)),
      'x.npy holds Python objects (a pickle)',
    ],
    ['texts', 'x.npy', () => npy(npyHeader('<U5', [1]), new Uint8Array(20)), 'x.npy holds no plain numbers'],
    [
      'complex numbers',
      'x.npy',
      () => npy(npyHeader('<c8', [1]), new Uint8Array(8)),
      'x.npy holds no plain numbers',
    ],
    [
      'records',
      'x.npy',
      () => npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(8)),
      'no plain numbers',
    ],
    ['another file', 'x.npy', () => strToU8('PK and so on'), 'x.npy is no file of NumPy'],
    ['nothing', 'x.npy', () => bytesOf(), 'x.npy is no file of NumPy'],
    [
      'a file cut short',
      'x.npy',
      () => npyOf([1, 2]).subarray(0, -1),
      'has 15 bytes of data, its shape [2] of float64 needs 16',
    ],
    [
      'a shape that lies',
      'x.npy',
      () => npy(npyHeader('<f8', [2 ** 40, 2 ** 40]), new Uint8Array(8)),
      'expected at most 8 sizes',
    ],
    ['a large shape', 'x.npy', () => npy(npyHeader('<f8', [2 ** 30]), new Uint8Array(8)), 'needs 8589934592'],
    ['a header that lies', 'x.npy', () => npyOf([1]).with(9, 0xff), 'bytes, the limit is'],
    [
      'large whole numbers',
      'x.npy',
      () => npy(npyHeader('<i8', [1]), bytesOf(1, 0, 0, 0, 0, 0, 0x20, 0)),
      'element 0 is a whole number over 2^53',
    ],
    [
      'another ending',
      'x.pt',
      () => npyOf([1]),
      'x.pt holds no arrays: expected a file that ends in .npy, .npz, .safetensors',
    ],
    [
      'pickles in an archive',
      'x.npz',
      () => zipSync({ 'data.pkl': strToU8('x') }),
      'x.npz holds "data.pkl", which is no array of NumPy',
    ],
    [
      'objects in an archive',
      'x.npz',
      () => zipSync({ 'a.npy': npy(npyHeader('|O', [1]), bytesOf(1)) }),
      'x.npz, array "a" holds Python objects',
    ],
    ['an archive of nothing', 'x.npz', () => zipSync({}), 'x.npz holds no arrays'],
    [
      'an archive cut short',
      'x.npz',
      () => zipSync({ 'a.npy': npyOf([1]) }).subarray(0, 60),
      'x.npz is no whole archive of NumPy',
    ],
    [
      'a zip bomb',
      'x.npz',
      () => claiming(zipSync({ 'a.npy': npyOf([1]) }), 2 ** 29 + 1),
      'x.npz unpacks to more than 536870912 bytes',
    ],
    [
      'an archive that claims less',
      'x.npz',
      () => claiming(zipSync({ 'a.npy': npyOf([1, 2]) }), 80),
      'bytes of data, its shape [2] of float64 needs 16',
    ],
    [
      'an archive of many arrays',
      'x.npz',
      () => zipSync(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`${i}.npy`, npyOf([1])]))),
      'more than 64 arrays',
    ],
    [
      'a broken safetensors file',
      'x.safetensors',
      () => bytesOf(1, 2, 3),
      'x.safetensors: file is truncated',
    ],
  ]
  for (const [what, path, bytes, said] of wrong)
    it(`is refused: ${what}`, async () => {
      expect(await refused(path, bytes())).to.include(said)
    })

  it('is read from an archive, stored or packed, and from safetensors', async () => {
    const content = { 'x.npy': npyOf([1, 2]), 'y.npy': npyOf([3]) }
    for (const level of [0, 9] as const)
      expect([...(await open('d.npz', zipSync(content, { level }))).keys()]).to.deep.equal(['x', 'y'])
    const tensors = writeSafetensors(
      new Map([['x', { dtype: 'I32', shape: [1, 1], data: Int32Array.of(4) }]]),
    )
    const { dtype, shape, place } = (await open('d.safetensors', tensors)).get('x')!
    expect([dtype, shape, place]).to.deep.equal(['int32', [1, 1], 'd.safetensors, array "x"'])
  })

  it('is read from safetensors of types that people save labels in', async () => {
    const header = {
      y: { dtype: 'I64', shape: [2], data_offsets: [0, 16] },
      z: { dtype: 'F16', shape: [1], data_offsets: [16, 18] },
    }
    const file = (labels: bigint[]) => {
      const text = strToU8(JSON.stringify(header))
      const data = [...new Uint8Array(BigInt64Array.from(labels).buffer), 0x00, 0x3c]
      return Uint8Array.from([text.length, 0, 0, 0, 0, 0, 0, 0, ...text, ...data])
    }
    const arrays = await open('d.safetensors', file([7n, -3n]))
    expect([...arrays.values()].map(({ dtype, values }) => [dtype, ...Array.from(values)])).to.deep.equal([
      ['int64', 7, -3],
      ['float16', 1],
    ])
    expect(await refused('d.safetensors', file([1n, 2n ** 60n]))).to.include(
      'd.safetensors, array "y": element 1 is a whole number over 2^53',
    )
  })

  it('is refused where two files have one of its name, or too many bytes', async () => {
    const files = [rawFile('x.npy', npyOf([1])), rawFile('d.npz', zipSync({ 'x.npy': npyOf([1]) }))]
    expect(await refusalOf(() => openArrays(files))).to.equal(
      'the array "x" stands in x.npy and in d.npz, array "x"',
    )
    const large = { path: 'x.npy', sizeBytes: 2 ** 29 + 1, read: () => expect.fail('it was read') }
    expect(await refusalOf(() => openArrays([large]))).to.include('the limit of arrays is 536870912')
    expect(await refusalOf(() => openArrays([]))).to.include('no file ends in .npy')
  })
})

/** An archive whose list says that its first file unpacks to so many bytes. */
function claiming(zip: Uint8Array, bytes: number): Uint8Array {
  const list = zip.findIndex(
    (_, i) => zip[i] === 0x50 && zip[i + 1] === 0x4b && zip[i + 2] === 1 && zip[i + 3] === 2,
  )
  const lying = zip.slice()
  new DataView(lying.buffer).setUint32(list + 24, bytes, true)
  return lying
}
