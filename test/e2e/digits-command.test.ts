import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTerms } from '@assay/cli/task-terms.ts'
import { expect } from 'chai'
import { run } from './support/command.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/digits.ts')

describe('npm run digits', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-digits-'))
  })
  after(() => rm(folder, { recursive: true }))

  it('writes a package, terms that assay task create takes, and shards', async () => {
    const { code, stdout, stderr } = await run(SCRIPT, ['--out', folder, '--contributors', '2'])

    expect(code, stderr).to.equal(0)
    expect(stdout).to.include('2 shards')
    const text = await readFile(join(folder, 'terms.json'), 'utf8')
    const terms = parseTerms(text, 'terms.json')
    expect(terms).to.include({ rewardToken: 'ASSAY', committeeSize: 3 })
    const { submitSeconds, openSeconds, commitSeconds, revealSeconds, aggregateSeconds } = terms
    expect(stdout).to.include(
      `phases: submit ${submitSeconds} s, open ${openSeconds} s, commit ${commitSeconds} s, reveal ${revealSeconds} s, aggregate ${aggregateSeconds} s`,
    )
    expect(stdout).to.match(/measured here: .* processors, load .*\n.*\n.*with 7 oracles on this machine/)
  })

  it('takes phases by hand', async () => {
    const args = ['--out', folder, '--contributors', '1', '--phases', '30,20,60,25,10']
    const { code, stdout, stderr } = await run(SCRIPT, args)

    expect(code, stderr).to.equal(0)
    expect(stdout).to.not.include('measured')
    const text = await readFile(join(folder, 'terms.json'), 'utf8')
    expect(parseTerms(text, 'terms.json')).to.include({
      submitSeconds: 30,
      openSeconds: 20,
      commitSeconds: 60,
      revealSeconds: 25,
      aggregateSeconds: 10,
    })
  })

  it('tells what is wrong without a stack trace', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const cases: [string[], number, string][] = [
      [['--out', file], 1, 'ENOTDIR'],
      [['--out', folder, '--contributors', '99'], 2, 'a number from 1 to 64, not "99"'],
      [['--out', folder, '--contributors', '0x10'], 2, 'a number from 1 to 64, not "0x10"'],
      [['--out', folder, '--dirichlet', '1e-1'], 2, 'a number from 0.01 to 100, not "1e-1"'],
      [['--out', folder, '--phases', '30,20'], 2, '5 numbers of seconds, for submit, open, commit'],
      [
        ['--out', folder, '--phases', '30,20,60,0,10'],
        2,
        '--phases: reveal must be a number from 1 to 86400',
      ],
      [
        ['--out', folder, '--phases', '30,20,60,1.5,10'],
        2,
        '--phases: reveal must be whole seconds, not "1.5"',
      ],
      [[], 2, '--out FOLDER is missing. See npm run digits -- --help'],
      [['--outt', folder], 2, "Unknown option '--outt'. See npm run digits -- --help"],
    ]
    for (const [args, expected, sentence] of cases) {
      const { code, stderr } = await run(SCRIPT, args)
      expect(code, stderr).to.equal(expected)
      expect(stderr).to.include(sentence).and.not.to.include('    at ')
    }
  })
})
