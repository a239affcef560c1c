import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from './support/command.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/examples.ts')

describe('npm run examples', () => {
  it('tells what is wrong without a stack trace, before anything starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-examples-'))
    try {
      await writeFile(join(folder, 'something'), '')
      const cases: [string[], string][] = [
        [[], '--out FOLDER is missing'],
        [
          ['iris', '--out', join(folder, 'new')],
          'there is no example "iris": breast-cancer, diabetes, digits, moby-dick',
        ],
        [['--out', folder], 'is not empty: give a new folder'],
        [['--out', join(folder, 'new'), '--seed', 'x'], '--seed is "x"'],
      ]
      for (const [args, sentence] of cases) {
        const { code, stdout, stderr } = await run(SCRIPT, args)
        expect([code, stdout], args.join(' ')).to.deep.equal([2, ''])
        expect(stderr)
          .to.include(sentence)
          .and.match(/^[^\n]+\. See npm run examples -- --help\n$/)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
