import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startCliRunner } from './support/cli-runner.ts'

const PAGE = join(import.meta.dirname, '../../docs/data.md')
/** Files that commands of the page name: they are in a folder of the test's own. */
const FILES = ['people.csv', 'preprocess.json', 'shard.safetensors']

describe('docs/data.md', () => {
  let dir: string
  const cli = startCliRunner()
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-data-docs-'))
  })
  after(async () => {
    cli.end()
    await rm(dir, { recursive: true })
  })

  it('has commands that work one after the other, on the table that it shows', async () => {
    const page = await readFile(PAGE, 'utf8')
    await writeFile(join(dir, 'people.csv'), /```csv\n(.*?)```/s.exec(page)![1]!)
    const commands = [...page.matchAll(/^ {4}npm run assay -- (.*)$/gm)].map(([, command]) =>
      command!.split(' '),
    )
    const said: string[] = []
    for (const words of commands) {
      const { code, stdout, stderr } = await cli.run(
        words.map((word) => (FILES.includes(word) ? join(dir, word) : word)),
      )
      expect(code, `${words.join(' ')}: ${stderr}`).to.equal(0)
      said.push(stdout)
    }
    expect(said).to.have.lengthOf(3)
    expect(said[0])
      .to.contain('people.csv: 8 rows, 5 columns')
      .and.contain('target state: 2 classes (ill 4, well 4)')
    expect(said[1]).to.contain('inputs x float32 [6]').and.contain('column "note" is left out')
    expect(said[2])
      .to.contain('8 samples')
      .and.contain('classes: ill 4, well 4')
      .and.contain('1 sample has the inputs')
  })
})
