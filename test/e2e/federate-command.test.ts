import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smallTask } from '@assay/engine/fixtures/small-tasks.ts'
import { writeTaskPackage } from '@assay/engine/node/task-package.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { expect } from 'chai'
import { run } from './support/command.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/federate.ts')

describe('npm run federate', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-federate-'))
    await mkdir(join(folder, 'lonely/shards'), { recursive: true })
    await writeFile(join(folder, 'lonely/shards/one.safetensors'), '')
    await mkdir(join(folder, 'bare/shards'), { recursive: true })
    for (const name of ['one', 'two']) await writeFile(join(folder, `bare/shards/${name}.safetensors`), '')
    await cp(join(folder, 'bare'), join(folder, 'exact'), { recursive: true })
    await writeTaskPackage(join(folder, 'exact/package'), smallTask())
    await writeFile(join(folder, 'exact', POOL_FILE), '')
  })
  after(() => rm(folder, { recursive: true }))

  it('tells what is wrong without a stack trace, before anything starts', async () => {
    const out = ['--out', join(folder, 'out')]
    const cases: [string[], string][] = [
      [out, 'give one folder with package/, pool and shards/'],
      [['lonely', 'bare', ...out], 'give one folder'],
      [[join(folder, 'bare')], '--out FOLDER is missing'],
      [[join(folder, 'nowhere'), ...out], 'nowhere/shards is not a folder'],
      [[join(folder, 'lonely'), ...out], 'has 1 shards (.safetensors): 2 to '],
      [[join(folder, 'bare'), ...out], 'bare/pool.safetensors is missing'],
      [[join(folder, 'bare'), ...out, '--rounds', '0'], '--rounds is "0"'],
      [[join(folder, 'bare'), ...out, '--validators', '6'], '--validators is "6"'],
      [[join(folder, 'bare'), ...out, '--attackers', 'x'], "Unknown option '--attackers'"],
      [[join(folder, 'exact'), ...out, '--trainer', 'native'], 'exact/package is exact: assay package mode '],
    ]
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await run(SCRIPT, args)
      expect([code, stdout], args.join(' ')).to.deep.equal([2, ''])
      expect(stderr)
        .to.include(sentence)
        .and.match(/^[^\n]+\. See npm run federate -- --help\n$/)
    }
    const help = await run(SCRIPT, ['--help'])
    expect([help.code, help.stderr]).to.deep.equal([0, ''])
    expect(help.stdout).to.include('Example: npm run federate -- digits')
  })
})
