import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

/** Whatever the product writes for later is whole or not there: it goes through `writeWholeFile`, or through the store's folder. */
const ROOT = join(import.meta.dirname, '..')
const SOURCES = '{benchmarks,cli,contributor,daemon,engine,lab,oracle,scripts,sdk,store}/**/*.ts'
const NOT_SHIPPED = ['**/node_modules/**', '**/generated/**', '**/fixtures/**', '**/*.test.ts']
const WRITERS = [
  'sdk/client/whole-file.ts',
  'store/folder.ts',
  // Logs: each line counts as soon as it is there.
  'scripts/demo/processes.ts',
]
const WRITES =
  /\b(writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|copyFile)\b|\brename(Sync)?\(/

const writes = (source: string) => WRITES.test(source)

describe('files', () => {
  it('are written whole or not at all', () => {
    const sources = globSync(SOURCES, { cwd: ROOT, exclude: NOT_SHIPPED })
    expect(sources.length).to.be.above(200)
    const writers = sources.filter((file) => writes(readFileSync(join(ROOT, file), 'utf8')))
    expect(writers).to.have.members(WRITERS)
  })

  it('are found where they are written', () => {
    expect(writes("import { writeFile } from 'node:fs/promises'")).to.equal(true)
    expect(writes("await writeWholeFile('x', text)")).to.equal(false)
  })
})
