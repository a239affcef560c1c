import { expect } from 'chai'
import { rawFile, refusalOf } from '../fixtures/raw-files.ts'
import { openDelimited } from './delimited.ts'
import { openJsonLines } from './json-lines.ts'
import { openTable } from './open-table.ts'
import type { Row } from './table.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const wide = (text: string, isBig = false) =>
  Uint8Array.from(
    ['\ufeff', ...text].flatMap((one) => {
      const code = one.charCodeAt(0)
      return isBig ? [code >> 8, code & 255] : [code & 255, code >> 8]
    }),
  )

async function read(
  name: string,
  content: string | Uint8Array,
): Promise<{ columns: readonly string[]; rows: Row[] }> {
  const table = await openTable(rawFile(name, content))
  const rows: Row[] = []
  table.eachRow((row) => rows.push({ ...row }))
  expect(rows.length).to.be.at.most(table.maxRows)
  return { columns: table.columns, rows }
}

const refused = (name: string, content: string | Uint8Array) => refusalOf(() => read(name, content))

describe('a table', () => {
  const people = 'age,town\n41,Ulm\n7,Kiel\n'
  const written: [what: string, name: string, content: string | Uint8Array][] = [
    ['of commas', 'a.csv', people],
    ['of semicolons', 'a.csv', people.replaceAll(',', ';')],
    ['of tabs', 'a.tsv', people.replaceAll(',', '\t')],
    ['with a byte order mark', 'a.csv', `\ufeff${people}`],
    ['in UTF-16', 'a.csv', wide(people)],
    ['in UTF-16 of the other byte order', 'A.CSV', wide(people, true)],
    ['with returns and line feeds mixed', 'a.csv', 'age,town\r\n41,Ulm\r7,Kiel\n'],
    ['with spaces, quotes and empty rows', 'a.csv', ' "age" , town \n\n 41 ,"Ulm"\n,\n"7",Kiel\n , \n'],
    ['without a last line end', 'a.csv', people.trimEnd()],
    ['of JSON Lines', 'a.jsonl', '{"age":41,"town":"Ulm"}\n\n{"town":" Kiel ","age":7}'],
  ]
  for (const [what, name, content] of written)
    it(`is read ${what}`, async () => {
      const { columns, rows } = await read(name, content)
      expect(columns).to.deep.equal(['age', 'town'])
      expect(rows.map(({ cells }) => cells)).to.deep.equal([
        ['41', 'Ulm'],
        ['7', 'Kiel'],
      ])
      expect(rows.map(({ row }) => row)).to.deep.equal([1, 2])
    })

  it('keeps line ends, separators and quotation marks that are quoted, and counts lines', async () => {
    const { rows } = await read('a.csv', 'a,b\n"x\r\ny","1,2"\n"say ""hi""",=1+1\n')
    expect(rows).to.deep.equal([
      { cells: ['x\r\ny', '1,2'], row: 1, line: 3 },
      { cells: ['say "hi"', '=1+1'], row: 2, line: 4 },
    ])
  })

  it('says how it was understood', async () => {
    const { notes } = await openTable(rawFile('a.csv', ';town\n1;Ulm\n'))
    expect(notes).to.deep.equal([
      'fields are separated by semicolons',
      'a column without a name is called "column 1"',
    ])
  })

  it('of JSON has the keys of all lines, and nothing where a line lacks one', async () => {
    const { columns, rows } = await read('a.jsonl', '{"a":1e3,"b":null}\n{"__proto__":true,"a":"x"}\n')
    expect(columns).to.deep.equal(['a', 'b', '__proto__'])
    expect(rows.map(({ cells }) => cells)).to.deep.equal([
      ['1000', undefined, undefined],
      ['x', undefined, 'true'],
    ])
  })

  const wrong: [name: string, content: string | Uint8Array, said: string][] = [
    ['a.xlsx', people, 'a.xlsx is no table: expected a file that ends in .csv'],
    ['a.csv', '', 'a.csv is empty'],
    ['a.csv', '\ufeff', 'a.csv is empty'],
    ['a.csv', 'age,town\n', 'a.csv has no rows below a row of column names'],
    ['a.csv', '\n\n\n', 'a.csv has no rows below a row of column names'],
    ['a.csv', '41,7\n8,9\n', 'numbers in its first row (41, 7): put a row of column names above it'],
    ['a.csv', 'age,town,age\n1,2,3\n', 'two columns named "age", 1 and 3'],
    ['a.csv', 'a;b,c\n1;2,3\n', '1 commas and as many semicolons'],
    ['a.csv', 'a,b\n1,2\n3\n', 'a.csv, row 2 (line 3) has 1 field, the column names are 2: 3'],
    ['a.csv', 'a,b\n1,2,3\n', 'a.csv, row 1 (line 2) has 3 fields, the column names are 2: 1 | 2 | 3'],
    ['a.csv', 'a,b\n1,2"3\n', 'a.csv, row 1 (line 2) has a quotation mark in the middle of a field'],
    ['a.csv', 'a,b\n1,"23\n4,5\n', 'has a quotation mark that is never closed'],
    ['a.csv', bytesOf('a,b\n1,2\n\u00003,4\n'), 'a.csv has a zero byte in line 3'],
    [
      'a.csv',
      Uint8Array.from([...bytesOf('a,b\n1,2\nM'), 0xfc, ...bytesOf('nchen,3\n')]),
      'a.csv is not UTF-8 in line 3',
    ],
    ['a.csv', Uint8Array.of(0xff, 0xfe, 0x41), "a.csv starts like UTF-16, but isn't"],
    ['a.jsonl', '{"a":1}\n[1]\n', 'a.jsonl, row 2 (line 2) is no object: [1]'],
    ['a.json', '[{"a":1}]', 'row 1 (line 1) is no object'],
    [
      'a.json',
      '{\n"a": 1\n}',
      'a.json, row 1 (line 1) is not JSON: {: each line has to be an object of its own',
    ],
    [
      'a.jsonl',
      '{"a":{"b":1}}',
      'a.jsonl, row 1 (line 1), a is {"b":1}: expected a text, a number, true, false or null',
    ],
    ['a.jsonl', '\n \n', 'a.jsonl has no rows'],
  ]
  for (const [name, content, said] of wrong)
    it(`is refused: ${said}`, async () => {
      expect(await refused(name, content)).to.include(said)
    })

  describe('made to fill the memory', () => {
    it('is refused for its columns before they are kept', async () => {
      const names = `a${',a'.repeat(100_000)}`
      expect(await refused('a.csv', `${names}\n${names}\n`)).to.include(
        'row 0 has 100001 columns, the limit is 16384',
      )
      const later = `a,b\n${','.repeat(20_000)}\n`
      expect(await refused('a.csv', later)).to.include('row 1 has 20001 columns, the limit is 16384')
    })

    it('is refused for a field without an end', async () => {
      const field = `a,b\n1,"${'x\n'.repeat(600_000)}`
      expect(await refused('a.csv', field)).to.include('row 1 has 1200003 bytes, the limit is 1048576')
      expect(await refused('a.jsonl', `{"a":"${'x'.repeat(1_100_000)}"}`)).to.include(
        'line 1 has 1100008 bytes',
      )
    })

    it('is refused for its rows, its keys and its size', async () => {
      const limits = { maxColumns: 3, maxRows: 4, maxRowBytes: 100 }
      const rows = bytesOf(`a,b\n${'1,2\n'.repeat(5)}`)
      expect(await refusalOf(() => openDelimited('a.csv', rows, limits))).to.include(
        'a.csv has more than 4 rows',
      )
      const lines = bytesOf('{"a":1}\n'.repeat(5))
      expect(await refusalOf(() => openJsonLines('a.jsonl', lines, limits))).to.include('more than 4 rows')
      const keys = bytesOf('{"a":1,"b":2}\n{"c":1,"d":1}\n')
      expect(await refusalOf(() => openJsonLines('a.jsonl', keys, limits))).to.include(
        '4 keys, the limit is 3',
      )
      const large = { path: 'a.csv', sizeBytes: 2 ** 29 + 1, read: async () => bytesOf('') }
      expect(await refusalOf(() => openTable(large))).to.include(
        '536870913 bytes, the limit of a table is 536870912',
      )
    })
  })
})
