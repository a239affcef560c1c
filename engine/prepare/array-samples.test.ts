import { expect } from 'chai'
import { npyOf } from '../fixtures/numpy.ts'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { ROWS } from '../fixtures/recipes.ts'
import { type ArraysPreprocess, checkPreprocess } from '../package/preprocess.ts'
import { arraySamples } from './array-samples.ts'
import { openArrays } from './open-arrays.ts'

const FILES: Record<string, Uint8Array> = {
  data: npyOf([1, 2, 3, 4, 5, 6], [3, 2]),
  labels: npyOf([5, 3, 5], [3, 1]),
  words: npyOf([0, 9, 1, 0, 2, 3], [3, 2]),
  site: npyOf([10, 20, 30]),
}

async function make(change: object = {}, files: Record<string, Uint8Array> = {}) {
  const recipe = checkPreprocess({ ...ROWS, ...change }) as ArraysPreprocess
  const all = Object.entries({ ...FILES, ...files }).map(([name, bytes]) => rawFile(`${name}.npy`, bytes))
  return arraySamples(recipe, await openArrays(all))
}

describe('samples of arrays', () => {
  const x = ROWS.inputs[0]!
  const words = { name: 'words', array: 'words', shape: [2], values: { dtype: 'int64', below: 10 } }

  it('have scaled floats, whole numbers as they are, and classes by their number', async () => {
    const scaled = { ...x, values: { dtype: 'float32', mean: '1', deviation: '3' } }
    const { n, tensors, placeOf } = await make({ inputs: [scaled, words] })
    expect([n, placeOf(2)]).to.deep.equal([3, 'row 3'])
    expect(tensors.get('x')).to.deep.equal({
      dtype: 'F32',
      shape: [3, 2],
      data: Float32Array.from([0, 1, 2, 3, 4, 5].map((one) => one / 3)),
    })
    expect(tensors.get('words')).to.deep.equal({
      dtype: 'I32',
      shape: [3, 2],
      data: Int32Array.of(0, 9, 1, 0, 2, 3),
    })
    expect(tensors.get('y')).to.deep.equal({ dtype: 'I32', shape: [3], data: Int32Array.of(1, 0, 1) })
  })

  it('have values, labels or tokens as targets, and strata of bands or numbers', async () => {
    const scale = { mean: '10', deviation: '10' }
    const bands = await make({
      target: { kind: 'values', array: 'site', columns: [scale] },
      strata: { by: 'bands', array: 'site', borders: ['20', '25'] },
    })
    expect(bands.tensors.get('y')).to.deep.equal({
      dtype: 'F32',
      shape: [3, 1],
      data: Float32Array.of(0, 1, 2),
    })
    expect([...bands.tensors.get('stratum')!.data]).to.deep.equal([0, 1, 2])
    const labels = await make(
      {
        target: { kind: 'labels', array: 'tags', count: 2 },
        strata: { by: 'column', array: 'site', values: [30, 20, 10] },
      },
      { tags: npyOf([0, 1, 1, 1, 0, 0], [3, 2]) },
    )
    expect([...labels.tensors.get('y')!.data]).to.deep.equal([0, 1, 1, 1, 0, 0])
    expect([...labels.tensors.get('stratum')!.data]).to.deep.equal([2, 1, 0])
    const tokens = await make({ target: { kind: 'tokens', array: 'words', length: 2, vocabulary: 10 } })
    expect(tokens.tensors.get('y')).to.deep.equal({
      dtype: 'I32',
      shape: [3, 2],
      data: Int32Array.of(0, 9, 1, 0, 2, 3),
    })
  })

  const wrong: [change: object, files: Record<string, Uint8Array>, said: string][] = [
    [
      { target: { ...ROWS.target, array: 'y' } },
      {},
      'there is no array "y": the files hold data, labels, words, site',
    ],
    [{}, { data: npyOf([1, 2, 3]) }, 'data.npy has the shape [3], expected [3,2]'],
    [{}, { labels: npyOf([3, 5]) }, 'labels.npy has the shape [2], expected [3]'],
    [{}, { data: npyOf([], [0, 2]) }, 'data.npy has no rows'],
    [{}, { labels: npyOf([3, 4, 5]) }, 'labels.npy, row 2, element 1 is 4: expected one of 3, 5'],
    [
      {},
      { data: npyOf([1, 2, 3, Number.NaN, 5, 6], [3, 2]) },
      'data.npy, row 2, element 2 is NaN: expected a finite number',
    ],
    [
      {},
      { data: npyOf([1, 2, 3, 1e39, 5, 6], [3, 2]) },
      'is 1e+39: expected a finite number that is a float32',
    ],
    [
      { inputs: [words] },
      { words: npyOf([0, 10, 1, 1, 1, 1], [3, 2]) },
      'is 10: expected a whole number from 0 to 9',
    ],
    [
      { inputs: [words] },
      { words: npyOf([0, 0.5, 1, 1, 1, 1], [3, 2]) },
      'is 0.5: expected a whole number from 0 to 9',
    ],
    [
      { target: { kind: 'labels', array: 'site', count: 1 } },
      {},
      'site.npy, row 1, element 1 is 10: expected 0 or 1',
    ],
    [
      { inputs: [{ ...x, shape: [2 ** 22] }] },
      { data: npyOf(new Array(17).fill(1), [17, 1]) },
      '17 rows of 4194304 values',
    ],
  ]
  for (const [change, files, said] of wrong)
    it(`are refused: ${said}`, async () => {
      expect(await refusalOf(() => make(change, files))).to.include(said)
    })
})
