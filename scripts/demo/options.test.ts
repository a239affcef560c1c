import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobHash } from '@assay/engine/hash.ts'
import { buildDigitsTask } from '@assay/lab/digits.ts'
import { expect } from 'chai'
import { castOf, demoSeed } from './cast.ts'
import { committeeSize, type DemoOptions, parseDemoOptions } from './options.ts'
import { writeShards } from './setup.ts'

const parse = (line: string) => parseDemoOptions(line.split(' ').filter((part) => part !== '')) as DemoOptions

describe('the demo: its options', () => {
  it('are ten contributors and seven validators, some of them cheating, unless said otherwise', () => {
    expect(parse('')).to.deep.equal({
      contributors: 10,
      validators: 7,
      rounds: 6,
      attackers: [
        { attack: 'sign-flip', count: 1 },
        { attack: 'resubmit', count: 1 },
        { attack: 'copy', count: 1 },
      ],
      lazyValidators: 1,
      silentValidators: 0,
      partition: { dirichlet: 0.5 },
      seed: 1,
      jsonFile: undefined,
      outputDir: 'demo-output',
    })
    expect(parse('--silent-validators 1').validators).to.equal(8)
    const all = 'sign-flip:1,resubmit:1,copy:1,gaussian:1,label-flip:1,zero:1,no-open:1'
    expect(parse(`--attackers ${all}`).contributors).to.equal(18)
    expect(parse('--attackers none').attackers).to.deep.equal([])
    expect(parse('--partition iid').partition).to.equal('iid')
    expect(parseDemoOptions(['--help'])).to.equal(undefined)
  })

  const refusals: [line: string, sentence: string][] = [
    ['--contributors 1', '--contributors is "1", but must be a whole number from 2 to 64'],
    ['--contributors ten', '--contributors is "ten"'],
    ['--contributors 65', '"65"'],
    ['--contributors 1e1', '"1e1"'],
    ['--validators 6', '--validators is "6", but must be a whole number from 7 to 63'],
    ['--rounds 0', '--rounds is "0"'],
    ['--rounds -1', '--rounds'],
    ['--rounds 2.5', '--rounds is "2.5"'],
    ['--seed 4294967296', '--seed is "4294967296"'],
    ['--attackers bribe:1', 'names "bribe:1"'],
    ['--attackers copy:x', '"x"'],
    ['--attackers copy:1:1', 'names "copy:1:1"'],
    ['--attackers copy:1,copy:1', 'names copy twice'],
    ['--attackers copy:5 --contributors 10', 'adds up to 5, but 10 contributors take at most 4'],
    ['--contributors 2', 'adds up to 3, but 2 contributors take at most 0'],
    ['--lazy-validators 3', 'add up to 3, but 7 validators take at most 2'],
    ['--validators 7 --silent-validators 1', 'more than 5 rounds need 7: use --validators 8 or --rounds 5'],
    ['--partition sorted', '--partition is "sorted"'],
    ['--partition dirichlet:0', '--partition is "dirichlet:0"'],
    ['--partition dirichlet:0.05 --contributors 64', 'ALPHA must be 0.3 or more'],
    ['--frobnicate', 'See npm run demo -- --help'],
    ['extra', 'See npm run demo -- --help'],
  ]
  for (const [line, sentence] of refusals) {
    it(`are refused with a reason and a fix: ${line}`, () => {
      expect(() => parse(line))
        .to.throw(sentence)
        .with.property('name', 'UsageError')
    })
  }

  it('take committees of five only where enough validators do their duty', () => {
    expect(committeeSize(parse('--validators 10'))).to.equal(3)
    expect(committeeSize(parse('--validators 11'))).to.equal(5)
    expect(committeeSize(parse('--validators 12 --silent-validators 2'))).to.equal(3)
  })
})

describe('the demo: its cast', () => {
  it('has the same people in the same places whatever the mix of cheats', () => {
    const [mixed, clean] = [castOf(parse('--seed 3')), castOf(parse('--seed 3 --attackers none'))]

    expect(mixed.contributors.map(({ address }) => address)).to.deep.equal(
      clean.contributors.map(({ address }) => address),
    )
    expect(mixed.contributors.map(({ behaviour }) => behaviour)).to.deep.equal([
      ...Array(7).fill('honest'),
      ...['sign-flip', 'resubmit', 'copy'],
    ])
    expect(mixed.validators.at(-1)!.behaviour).to.equal('lazy')
    expect(castOf(parse('--seed 4')).owner.address).to.not.equal(mixed.owner.address)
  })

  it('gives everybody an account and a fee of their own, and each copier an honest victim', () => {
    const { contributors, validators, owner } = castOf(
      parse('--attackers copy:4 --validators 13 --lazy-validators 4'),
    )
    const everybody = [owner, ...contributors, ...validators]

    expect(new Set(everybody.map(({ address }) => address)).size).to.equal(24)
    expect(new Set(everybody.map(({ priorityFeeWei }) => priorityFeeWei)).size).to.equal(24)
    const honest = contributors.filter(({ behaviour }) => behaviour === 'honest').map(({ name }) => name)
    for (const { behaviour, victim } of contributors) {
      if (behaviour === 'copy') expect(honest).to.include(victim)
      else expect(victim).to.equal(undefined)
    }
  })
})

describe('the demo: its shards', () => {
  it('are the same for everybody who is honest in both, with attackers and without', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-shards-'))
    try {
      const taskPackage = await buildDigitsTask({ dir: join(folder, 'package'), seed: demoSeed(3) })
      const shardsOf = async (line: string) => {
        const options = parse(line)
        const files = await writeShards(options, { taskPackage }, join(folder, line))
        const hashes = await Promise.all(files.map(async (file) => blobHash(await readFile(file))))
        return castOf(options).contributors.map(({ address, behaviour }, i) => ({
          address,
          behaviour,
          hash: hashes[i]!,
        }))
      }
      const [mixed, clean, reseeded] = await Promise.all([
        shardsOf('--seed 3 --attackers sign-flip:1,label-flip:2 --contributors 8'),
        shardsOf('--seed 3 --attackers none --contributors 8'),
        shardsOf('--seed 4 --attackers none --contributors 8'),
      ])
      const honest = mixed.filter(({ behaviour }) => behaviour === 'honest')
      expect(honest).to.have.length(5)
      expect(clean).to.deep.include.members(honest)
      expect(new Set([...clean, ...reseeded].map(({ hash }) => hash)).size, 'all different').to.equal(16)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
