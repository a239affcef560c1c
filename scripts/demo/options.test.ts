import { behaviourNamed, CONTRIBUTOR_BEHAVIOURS } from '@assay/lab/behaviours/registry.ts'
import { expect } from 'chai'
import { committeeSize, DEMO_USAGE, type DemoOptions, parseDemoOptions } from './options.ts'

const parse = (line: string) => parseDemoOptions(line.split(' ').filter((part) => part !== '')) as DemoOptions

describe('the demo: its options', () => {
  it('are ten contributors and eight validators, some of them deviating, unless said otherwise', () => {
    expect(parse('')).to.deep.equal({
      contributors: 10,
      validators: 8,
      slowStores: 0,
      rounds: 6,
      attackers: [
        { behaviour: behaviourNamed('contributor', 'sign-flip'), count: 1 },
        { behaviour: behaviourNamed('contributor', 'resubmit'), count: 1 },
        { behaviour: behaviourNamed('contributor', 'copy'), count: 1 },
        { behaviour: behaviourNamed('contributor', 'fake-work'), count: 1 },
      ],
      deviantValidators: [{ behaviour: behaviourNamed('validator', 'lazy'), count: 1 }],
      partition: { dirichlet: 0.5 },
      seed: 1,
      jsonFile: undefined,
      outputDir: 'demo-output',
    })
    expect(parse('--silent-validators 1').validators).to.equal(9)
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
    ['--contributors 2', 'adds up to 4, but 2 contributors take at most 0'],
    ['--lazy-validators 3 --validators 9', 'add up to 3, but 9 validators take at most 2'],
    [
      '--validators 7 --silent-validators 1 --lazy-validators 0',
      'more than 5 rounds need 7: use --validators 8 or --rounds 5',
    ],
    ['--validators 7', 'more than 1 round needs 7: use --validators 8 or --rounds 1'],
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
    expect(committeeSize(parse('--validators 11'))).to.equal(3)
    expect(committeeSize(parse('--validators 12'))).to.equal(5)
    expect(committeeSize(parse('--validators 12 --silent-validators 2'))).to.equal(3)
  })

  it('are told in help, those of the mix by the registry of behaviours', () => {
    const names = CONTRIBUTOR_BEHAVIOURS.map(({ name }) => name).join(', ')
    expect(DEMO_USAGE).to.include(`--attackers LIST        none, or name:count,… of ${names}\n`)
    expect(DEMO_USAGE).to.include('(default sign-flip:1,resubmit:1,copy:1,fake-work:1; fewer')
    expect(DEMO_USAGE).to.include('  --lazy-validators N     validators that post constants (default 1)\n')
    expect(DEMO_USAGE).to.include(
      '  --silent-validators N   validators that join and never act (default 0)\n',
    )
    expect(DEMO_USAGE).to.include('(default 7 and the lazy, silent, lying, and false-aggregator ones; 7…63)')
  })
})
