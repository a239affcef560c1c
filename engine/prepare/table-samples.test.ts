import { expect } from 'chai'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { PATIENTS } from '../fixtures/recipes.ts'
import { checkPreprocess, type TablePreprocess } from '../package/preprocess.ts'
import { openTable } from './open-table.ts'
import type { Samples } from './samples.ts'
import { tableSamples } from './table-samples.ts'

const HEAD = 'age,town,smoker,state,pressure,note\n'
const ROWS = ['50,Ulm,yes,ill,120,x', 'NA,Bonn,0,healthy,80.5,', '35,,no,well,1e2,=2*3']

async function samplesOf(rows: readonly string[], change: object = {}): Promise<Samples> {
  const recipe = checkPreprocess({ ...PATIENTS, ...change }) as TablePreprocess
  return tableSamples(recipe, await openTable(rawFile('people.csv', HEAD + rows.join('\n'))))
}

const valuesOf = ({ tensors }: Samples, name: string) => [...tensors.get(name)!.data]

describe('samples of a table', () => {
  it('have scaled numbers, a place for each category, flags and what is missing replaced', async () => {
    const samples = await samplesOf(ROWS)
    expect(samples.n).to.equal(3)
    expect(samples.tensors.get('x')!.shape).to.deep.equal([3, 5])
    expect(valuesOf(samples, 'x')).to.deep.equal([1, 1, 0, 0, 1, 0, 0, 0, 1, 0, -0.5, 0, 0, 1, 0])
    expect(samples.tensors.get('y')).to.deep.equal({ dtype: 'I32', shape: [3], data: Int32Array.of(1, 0, 0) })
    expect(samples.tensors.has('stratum')).to.equal(false)
    expect(samples.placeOf(2)).to.equal('people.csv, row 3 (line 4)')
  })

  it('round each value once, from float64 to float32', async () => {
    const columns = [{ kind: 'number', name: 'pressure', mean: '0.1', deviation: '3' }]
    expect(valuesOf(await samplesOf(ROWS, { columns }), 'x')).to.deep.equal(
      [120, 80.5, 100].map((value) => Math.fround((value - 0.1) / 3)),
    )
  })

  it('have values or labels as targets, and strata of bands or of a column', async () => {
    const columns = PATIENTS.columns.slice(0, 1)
    const pressure = { name: 'pressure', mean: '100', deviation: '10' }
    const bands = await samplesOf(ROWS, {
      columns,
      target: { kind: 'values', columns: [pressure] },
      strata: { by: 'bands', column: 'pressure', borders: ['100', '120'] },
    })
    expect(bands.tensors.get('y')).to.deep.equal({
      dtype: 'F32',
      shape: [3, 1],
      data: Float32Array.of(2, -1.95, 0),
    })
    expect(valuesOf(bands, 'stratum')).to.deep.equal([2, 0, 1])
    const labels = await samplesOf(ROWS, {
      columns,
      target: { kind: 'labels', columns: [{ name: 'smoker', yes: ['yes'], no: ['no', '0'] }] },
      strata: { by: 'column', column: 'state', values: [['ill'], ['well', 'healthy']] },
    })
    expect(valuesOf(labels, 'y')).to.deep.equal([1, 0, 0])
    expect(valuesOf(labels, 'stratum')).to.deep.equal([0, 1, 1])
  })

  it('need no target when they are to be predicted', async () => {
    const table = await openTable(rawFile('new.csv', 'age,town,smoker\n40,Ulm,0\n'))
    expect([...tableSamples(PATIENTS, table, { isLabelled: false }).tensors.keys()]).to.deep.equal(['x'])
  })

  const wrong: [row: string, said: string][] = [
    ['1.234,5,no,ill', 'row 1 (line 2) has 4 fields'],
    ['"1,5",Ulm,no,ill,1,', 'column "age" is "1,5": expected a number with a decimal point'],
    ['1.234.567,Ulm,no,ill,1,', 'nothing between thousands, such as 1234.5'],
    ['=40+2,Ulm,no,ill,1,', 'column "age" is "=40+2": expected a number, this is a formula'],
    ['nan,Ulm,no,ill,1,', 'column "age" is "nan": expected a finite number'],
    ['-Infinity,Ulm,no,ill,1,', 'expected a finite number'],
    ['1e400,Ulm,no,ill,1,', 'column "age" is "1e400": expected a number, at most 1.8e308'],
    ['1e300,Ulm,no,ill,1,', 'too far from the mean, 40, for a float32 of the deviation 10'],
    ['0x10,Ulm,no,ill,1,', 'column "age" is "0x10": expected a number'],
    ['40,Ulm,maybe,ill,1,', 'column "smoker" is "maybe": expected "yes", "1", "no", "0"'],
    ['40,Ulm,NA,ill,1,', 'column "smoker" is "NA", a missing value: expected "yes"'],
    [
      '40,Ulm,no,dead,1,',
      'people.csv, row 1 (line 2), column "state" is "dead": expected "well", "healthy", "ill"',
    ],
    ['40,Ulm,no,,1,', 'column "state" is "", a missing value: expected "well"'],
  ]
  for (const [row, said] of wrong)
    it(`are refused for ${row}`, async () => {
      expect(await refusalOf(() => samplesOf([row]))).to.include(said)
    })

  it('are refused without a column, or without a place for a category', async () => {
    const table = await openTable(rawFile('a.csv', 'age,city\n1,2\n'))
    expect(await refusalOf(() => tableSamples(PATIENTS, table))).to.include(
      'a.csv has no column "town", it has "age", "city"',
    )
    const columns = [{ kind: 'category', name: 'town', values: ['Ulm'], other: false }]
    expect(await refusalOf(() => samplesOf(['1,Bonn,no,ill,1,'], { columns }))).to.include('expected "Ulm"')
  })

  it('are refused where they would fill the memory', async () => {
    const values = Array.from({ length: 1000 }, (_, i) => `v${i}`)
    const columns = ['town', 'smoker', 'note', 'pressure'].flatMap((name) => [
      { kind: 'category', name, values, other: true },
    ])
    const rows = Array.from({ length: 17_000 }, () => '1,,,ill,,')
    expect(await refusalOf(() => samplesOf(rows, { columns }))).to.include(
      '17000 rows of 4004 values are 272272000 bytes, the limit is 268435456',
    )
  })
})
