import { expect } from 'chai'
import { npyOf } from '../fixtures/numpy.ts'
import { jpeg, png } from '../fixtures/pictures.ts'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { PATIENTS } from '../fixtures/recipes.ts'
import { describeFiles, type TableDescription } from './describe.ts'
import { makeSamples } from './make-samples.ts'
import { sampleReport } from './sample-report.ts'

const describeOf = (files: Record<string, string | Uint8Array>) =>
  describeFiles(Object.entries(files).map(([path, content]) => rawFile(path, content)))

async function columnsOf(text: string) {
  return ((await describeOf({ 'a.csv': text })) as TableDescription).columns
}

describe('a description', () => {
  it('of a table tells the type of each column, and rows that repeat', async () => {
    const rows = [
      '1,yes,Ulm,x1,5,',
      '2,NO,Ulm,x2,a,NA',
      '4,no,Kiel,x3,6,',
      '4,no,Kiel,x3,6,',
      '?,,Kiel,=2+2,7,',
    ]
    const described = await describeOf({ 'a.csv': `n,f,c,t,m,e\n${rows.join('\n')}\n` })
    const { columns, ...rest } = described as TableDescription
    expect(rest).to.deep.equal({
      kind: 'table',
      file: 'a.csv',
      rows: 5,
      duplicates: 1,
      notes: ['fields are separated by commas'],
    })
    expect(columns.map(({ type }) => type)).to.deep.equal([
      'number',
      'flag',
      'category',
      'text',
      'mixed',
      'empty',
    ])
    expect(columns.map(({ missing }) => missing)).to.deep.equal([1, 1, 0, 0, 0, 5])
    expect(columns[0]).to.include({
      numbers: 4,
      least: 1,
      greatest: 4,
      mean: 2.75,
    })
    expect(columns[0]!.deviation).to.be.closeTo(Math.sqrt(6.75 / 4), 1e-15)
    expect(columns[2]!.values).to.deep.equal(
      new Map([
        ['Ulm', 2],
        ['Kiel', 3],
      ]),
    )
    expect(columns[3]).to.deep.include({ formulas: 1, firstOther: { value: 'x1', row: 1 } })
    expect(columns[4]!.firstOther).to.deep.equal({ value: 'a', row: 2 })
  })

  it('of a table counts no more values than it can keep', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => `v${i},${'long'.repeat(51)}`)
    const [first, second] = await columnsOf(`a,b\n${many.join('\n')}\n`)
    expect([first!.values, second!.values, first!.type]).to.deep.equal([undefined, undefined, 'text'])
  })

  it('of pictures tells folders, sizes, those to turn and those that repeat', async () => {
    const cat = png({ width: 2, height: 1, data: [1, 2] })
    const dog = jpeg(8, 16, 9, 6)
    const described = await describeOf({
      'cat/1.png': cat,
      'cat/2.png': cat,
      'dog/3.jpg': dog,
      'a.png': cat,
      'b.txt': 'x',
    })
    expect(described).to.deep.equal({
      kind: 'pictures',
      pictures: 4,
      folders: new Map([
        ['cat', 2],
        ['dog', 1],
        ['', 1],
      ]),
      sizes: new Map([
        ['2 × 1', 3],
        ['8 × 16', 1],
      ]),
      formats: new Map([
        ['PNG', 3],
        ['JPEG', 1],
      ]),
      turned: 1,
      duplicates: 2,
      others: 1,
    })
  })

  it('of texts and arrays tells what they are of', async () => {
    expect(await describeOf({ 'a.txt': 'ab\r\nb', 'c.bin': 'x' })).to.deep.equal({
      kind: 'text',
      files: [{ path: 'a.txt', characters: 4, lines: 2 }],
      characters: new Map([
        ['a', 1],
        ['b', 2],
        ['\n', 1],
      ]),
      others: 1,
    })
    expect(await describeOf({ 'x.npy': npyOf([3, Number.NaN, -1], [3, 1]) })).to.deep.equal({
      kind: 'arrays',
      arrays: [
        { name: 'x', place: 'x.npy', dtype: 'float64', shape: [3, 1], least: -1, greatest: 3, notFinite: 1 },
      ],
    })
  })

  it('is refused of files of several kinds, or of none', async () => {
    expect(await refusalOf(() => describeOf({ 'a.csv': 'a\n1\n', 'b.png': '' }))).to.include(
      'holds table and pictures',
    )
    expect(await refusalOf(() => describeOf({ 'a.xlsx': '' }))).to.include(
      'a.xlsx is of no kind that is known',
    )
    expect(await refusalOf(() => describeOf({ 'a.csv': 'a\n1\n', 'b.csv': 'a\n1\n' }))).to.include(
      'there are 2 tables (a.csv, b.csv), expected one: name its file',
    )
  })
})

describe('a report of samples', () => {
  it('counts classes, strata, and samples that repeat with and without their target', async () => {
    const head = 'age,town,smoker,state,site\n'
    const rows = ['1,Ulm,no,ill,n', '1,Ulm,no,ill,s', '1,Ulm,no,well,n', '2,Ulm,no,well,n']
    const recipe = { ...PATIENTS, strata: { by: 'column' as const, column: 'site', values: [['n'], ['s']] } }
    const samples = await makeSamples(recipe, [rawFile('a.csv', head + rows.join('\n'))])
    expect(sampleReport(recipe, samples)).to.deep.equal({
      samples: 4,
      classes: [
        { name: 'well', samples: 2 },
        { name: 'ill', samples: 2 },
      ],
      strata: [
        { name: 'n', samples: 3 },
        { name: 's', samples: 1 },
      ],
      duplicates: { inputs: 2, wholes: 1 },
    })
  })
})
