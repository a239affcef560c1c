import { expect } from 'chai'
import { npy, npyHeader, npyOf } from '../fixtures/numpy.ts'
import { png } from '../fixtures/pictures.ts'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import type { TablePreprocess } from '../package/preprocess.ts'
import { sampleForm } from '../package/preprocess-form.ts'
import { type LearnOptions, learnPreprocess } from './learn.ts'
import { makeSamples } from './make-samples.ts'

type Files = Record<string, string | Uint8Array>

const rawFiles = (files: Files) => Object.entries(files).map(([path, content]) => rawFile(path, content))
const learn = (files: Files, options?: LearnOptions) => learnPreprocess(rawFiles(files), options)

async function learnAndMake(files: Files, options?: LearnOptions) {
  const learned = await learn(files, options)
  return { ...learned, samples: await makeSamples(learned.recipe, rawFiles(files)) }
}

describe('a preprocess.json that is learned', () => {
  const rows = ['1,yes,Ulm,x1,8,a', '3,no,Ulm,x2,8,b', 'NA,no,Kiel,x3,8,a', '3,,Kiel,x4,8,b', '1,no,?,x5,8,b']
  const people = `age,smoker,town,name,always,kind\n${rows.join('\n')}\n`

  it('of a table scales numbers, gives categories places, and leaves out what says nothing', async () => {
    const { recipe, notes, samples } = await learnAndMake({ 'a.csv': people }, { targets: ['kind'] })
    expect((recipe as TablePreprocess).columns).to.deep.equal([
      { kind: 'number', name: 'age', mean: '2', deviation: '1', missing: '2' },
      { kind: 'flag', name: 'smoker', yes: ['yes'], no: ['no'], missing: 'no' },
      { kind: 'category', name: 'town', values: ['Kiel', 'Ulm'], other: true },
    ])
    expect((recipe as TablePreprocess).target).to.deep.equal({
      kind: 'class',
      column: 'kind',
      classes: [['a'], ['b']],
    })
    expect(notes).to.deep.equal([
      'column "name" is left out: its texts are hardly ever the same',
      'column "always" is left out: it is the same in all rows',
    ])
    expect([...samples.tensors.get('x')!.data.subarray(0, 10)]).to.deep.equal([-1, 1, 0, 1, 0, 1, 0, 0, 1, 0])
    expect([...samples.tensors.get('y')!.data]).to.deep.equal([0, 1, 0, 1, 1])
  })

  it('of a table predicts few whole numbers as classes in their order, others as numbers in bands', async () => {
    const table = `x,k,v\n${Array.from({ length: 40 }, (_, i) => `${i},${[10, 9][i % 2]},${i / 4}`).join('\n')}\n`
    const classes = await learnAndMake({ 'a.csv': table }, { targets: ['k'], without: ['v'] })
    expect(classes.recipe).to.deep.include({
      target: { kind: 'class', column: 'k', classes: [['9'], ['10']] },
    })
    const { recipe, samples } = await learnAndMake({ 'a.csv': table }, { targets: ['v'] })
    expect(sampleForm(recipe).target).to.deep.equal({ kind: 'values', count: 1 })
    expect(sampleForm(recipe).strata).to.have.lengthOf(8)
    const counts = new Array(8).fill(0)
    for (const stratum of samples.tensors.get('stratum')!.data) counts[stratum]++
    expect(counts).to.deep.equal(new Array(8).fill(5))
  })

  it('of a table predicts several columns together', async () => {
    const table = 'x,a,b,c,d\n1,yes,0,2.5,1\n2,no,1,3.5,3\n3,no,1,3,9\n'
    const labels = await learnAndMake({ 'a.csv': table }, { targets: ['a', 'b'] })
    expect([...labels.samples.tensors.get('y')!.data]).to.deep.equal([1, 0, 0, 1, 0, 1])
    expect([...labels.samples.tensors.get('stratum')!.data]).to.deep.equal([1, 0, 0])
    const values = await learnAndMake({ 'a.csv': table }, { targets: ['c', 'd'] })
    expect(sampleForm(values.recipe).target).to.deep.equal({ kind: 'values', count: 2 })
  })

  const wrong: [files: Files, options: LearnOptions, said: string][] = [
    [{ 'a.csv': people }, {}, 'a.csv is a table: name the column that is to be predicted'],
    [{ 'a.csv': people }, { targets: ['size'] }, 'a.csv has no column "size", it has age, smoker'],
    [{ 'a.csv': people }, { targets: ['name'] }, 'column "name" can\'t be predicted: it holds texts'],
    [{ 'a.csv': people }, { targets: ['always'] }, 'column "always" is the same in all rows'],
    [{ 'a.csv': people }, { targets: ['age', 'town'] }, 'only when all are numbers, or all are yes and no'],
    [{ 'a.csv': 'x,k\n1,1\nab,0\n2,1\n' }, { targets: ['k'] }, 'column "x" holds numbers, and "ab" in row 2'],
    [{ 'a.csv': 'x,k\n1,1\n1,0\n' }, { targets: ['k'] }, 'a.csv has no column to predict k from'],
    [{ 'a/1.png': png({ width: 1, height: 1, data: [1] }) }, {}, 'there are pictures of 1 class'],
    [{ '1.png': png({ width: 1, height: 1, data: [1] }) }, {}, '1.png stands in no folder'],
    [{ 'x.npy': npyOf([1]) }, {}, 'name the one array that is to be predicted, not 0'],
    [{ 'x.npy': npyOf([1]) }, { targets: ['y'] }, 'there is no array "y": the files hold x'],
    [
      { 'x2.npy': npyOf([1, 2]), 'ü.npy': npyOf([3, 4]), 'y.npy': npyOf([1, 2]) },
      { targets: ['y'] },
      'the arrays "x2" and "ü" would both be the input x2: give one of them another name',
    ],
    [
      { 'a.txt': 'abab' },
      { targets: ['b'] },
      '"target" is for tables and arrays, and these files are texts: of a text the next character is predicted; leave it away',
    ],
    [
      {
        'a/1.png': png({ width: 1, height: 1, data: [1] }),
        'b/1.png': png({ width: 1, height: 1, data: [1] }),
      },
      { targets: ['b'] },
      "these files are pictures: pictures' folders are their classes; leave it away",
    ],
    [{ 'x.npy': npyOf([1]) }, { targets: ['x'], size: { width: 1, height: 1 } }, '"size" is for pictures'],
    [{ 'a.csv': 'a,b\n1,2\n' }, { targets: ['b'], stride: 2 }, '"stride" is for texts'],
    [
      { 'x.npy': npyOf([1]), 'y.npy': npyOf([1, 2]) },
      { targets: ['x'] },
      'x.npy has 1 rows, and no other array has as many',
    ],
    [
      { 'x.npy': npyOf([1, Number.NaN]), 'y.npy': npyOf([1, 2]) },
      { targets: ['y'] },
      'x.npy has elements that are not finite',
    ],
  ]
  for (const [files, options, said] of wrong)
    it(`is refused: ${said}`, async () => {
      expect(await refusalOf(() => learn(files, options))).to.include(said)
    })

  it('of pictures has their size, channels, and the mean of each', async () => {
    const grey = (data: number[]) => png({ width: 2, height: 1, data })
    const { recipe, samples } = await learnAndMake({
      'dog/1.png': grey([0, 10]),
      'cat/2.png': grey([20, 10]),
    })
    expect(recipe).to.deep.include({
      width: 2,
      height: 1,
      channels: 1,
      resize: 'refuse',
      scale: [{ mean: '10', deviation: String(Math.sqrt(50)) }],
      classes: [['cat'], ['dog']],
    })
    expect([...samples.tensors.get('y')!.data]).to.deep.equal([1, 0])
  })

  it('of pictures of several sizes makes them fit, colours and holes and all', async () => {
    const files = {
      'dog/1.png': png({ width: 2, height: 1, channels: 3, data: [0, 10, 20, 0, 10, 20] }),
      'cat/2.png': png({ width: 1, height: 1, channels: 4, data: [0, 0, 0, 0] }),
    }
    const { recipe, notes } = await learnAndMake(files)
    expect(recipe).to.deep.include({ width: 32, height: 32, channels: 3, resize: 'area', background: 255 })
    expect(notes).to.deep.equal([
      'pictures of 2 sizes, such as 2 × 1, are made to fit 32 × 32 pixels',
      'pixels that are not opaque show white',
    ])
    expect(
      (await learnAndMake(files, { size: { width: 3, height: 2 } })).samples.tensors.get('x')!.shape,
    ).to.deep.equal([2, 2, 3, 3])
  })

  it('of texts has the characters that are there twice, and strata by folder, file or part', async () => {
    const text = 'abba\nabba\nx'.repeat(1)
    const { recipe, notes } = await learnAndMake({ 'a.txt': text }, { length: 4 })
    expect(recipe).to.deep.include({
      vocabulary: { of: 'characters', characters: '\nab', other: true },
      length: 4,
      stride: 4,
      strata: { by: 'parts', parts: 8 },
    })
    expect(notes).to.deep.equal(['1 character there once: read as one other character'])
    const folders = { 'new/a.txt': text, 'new/b.txt': text, 'old/a.txt': text }
    expect((await learnAndMake(folders, { length: 4, stride: 1 })).recipe).to.deep.include({
      strata: { by: 'file', files: [['new'], ['old']] },
      stride: 1,
    })
    expect((await learn({ 'a.txt': text, 'b.txt': text })).recipe).to.deep.include({
      strata: { by: 'file', files: [['a.txt'], ['b.txt']] },
    })
    expect((await learn({ 'a.txt': 'abc' })).recipe).to.deep.include({ vocabulary: { of: 'bytes' } })
  })

  it('of arrays has each array of as many rows as an input', async () => {
    const labels = npy(npyHeader('<i8', [2]), new Uint8Array(BigInt64Array.of(7n, 5n).buffer))
    const files = {
      'a.npy': npyOf([1, 2, 3, 6], [2, 2]),
      'w.npy': npyOf([0, 4]),
      'y.npy': labels,
      'z.npy': npyOf([1]),
    }
    const { recipe, notes, samples } = await learnAndMake(files, { targets: ['y'], tokens: ['w'] })
    expect(sampleForm(recipe)).to.deep.equal({
      inputs: [
        { name: 'a', dtype: 'float32', shape: [2] },
        { name: 'w', dtype: 'int64', shape: [1], below: 5 },
      ],
      target: { kind: 'class', classes: 2 },
    })
    expect(notes).to.deep.equal(['array "z" is left out: it has the shape [1]'])
    expect([...samples.tensors.get('y')!.data]).to.deep.equal([1, 0])
    const values = await learnAndMake(
      { 'x.npy': npyOf([1, 2]), 'y.npy': npyOf([0.5, 1.5]) },
      { targets: ['y'] },
    )
    expect([...values.samples.tensors.get('stratum')!.data]).to.deep.equal([0, 1])
    const tags = await learnAndMake(
      { 'x.npy': npyOf([1, 2]), 'y.npy': npyOf([0, 1, 1, 1], [2, 2]) },
      { targets: ['y'] },
    )
    expect(sampleForm(tags.recipe).target).to.deep.equal({ kind: 'labels', count: 2 })
    expect(tags.notes).to.deep.equal(['strata are to be named: only an array of one column gives bands'])
  })
})
