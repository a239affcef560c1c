import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { RUN_ORDER, STAGE_TABLE } from '@assay/oracle/verify/stage-table.ts'
import { PHASE_TABLE } from '@assay/sdk/protocol/phases.ts'
import { expect } from 'chai'

/** Compares what the docs say with the code. Each check is a function of texts, so that it can be tried on bad ones. */
const ROOT = join(import.meta.dirname, '..')
const EXCLUDED = ['**/node_modules/**', '**/generated/**']
const PACKAGES = 'sdk,engine,store,daemon,oracle,contributor,cli,lab'
const DOCS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'deployments/README.md', 'docs/**/*.md']
const LONGEST_LINE = 120
/** Made by compiling, ignored by git. */
const COMPILED = ['sdk/generated/', 'types/']

type Sources = ReadonlyMap<string, string>

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const filesOf = (patterns: string | string[]): Sources =>
  new Map(
    globSync(patterns, { cwd: ROOT, exclude: EXCLUDED })
      .sort()
      .map((path) => [path, read(path)]),
  )
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, part]) => part!)

const docs = filesOf(DOCS)
const code = withoutTests(filesOf([`{${PACKAGES}}/**/*.ts`, 'contracts/**/*.sol']))

function withoutTests(sources: Sources): Sources {
  return new Map([...sources].filter(([path]) => !/\.test\.ts$|\/fixtures\//.test(path)))
}

describe('docs/glossary.md', () => {
  it('names what is in the code', () => {
    const glossary = docs.get('docs/glossary.md')!
    expect(namesIn(glossary).length).to.be.above(80)
    expect(namesNotIn(code, glossary)).to.deep.equal([])
  })

  it('fails for a name that only a comment has, or no file', () => {
    const sources = new Map([['sdk/a.ts', '// lost\n/* gone */ const kept = 1']])
    const glossary = '| a | A. | `kept` |\n| b | B. | `lost`, `gone` |\n| c | C. | `a.ts`, `b.ts` |'
    expect(namesNotIn(sources, glossary)).to.deep.equal(['lost', 'gone', 'b.ts'])
  })
})

/** The third column's names, one by one. */
function namesIn(glossary: string): string[] {
  const cells = glossary.split('\n').map((line) => line.split('|')[3] ?? '')
  return cells.flatMap((cell) => found(cell, /`([^`]+)`/g))
}

function namesNotIn(sources: Sources, glossary: string): string[] {
  const text = [...sources.values()].map(withoutComments).join('\n')
  const words = new Set(text.match(/\w+/g))
  const files = new Set([...sources.keys()].map((path) => basename(path)))
  const isThere = (name: string) => files.has(name) || name.split('.').every((part) => words.has(part))
  return namesIn(glossary).filter((name) => !isThere(name))
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
}

describe('docs/attacks.md', () => {
  const attacks = docs.get('docs/attacks.md')!
  const onContracts = new Map([...filesOf('test/solidity/**/*.sol'), ...filesOf('{test,sdk}/**/*.test.ts')])
  const onOracle = filesOf('{engine,store,daemon,oracle,contributor,lab,cli}/**/*.test.ts')

  it('lists every attack that a test cites', () => {
    const [contracts, oracle] = listsOf(attacks)
    expect([contracts.length, oracle.length]).to.deep.equal([79, 37])
    expect(citedIn(onContracts).length).to.be.above(40)
    expect(citedIn(onOracle).length).to.be.above(5)
    expect(missing(contracts, citedIn(onContracts))).to.deep.equal([])
    expect(missing(oracle, citedIn(onOracle))).to.deep.equal([])
  })

  it('names a number as held only where a test carries it', () => {
    const carried = new Set(citedIn(onContracts))
    const held = found(attacks, /\| `Attack(\d+)`/g).map(Number)
    expect(held.length).to.be.above(35)
    expect(held.filter((number) => !carried.has(number))).to.deep.equal([])
  })

  it('fails for a number that a test made up', () => {
    const sources = new Map([
      ['a.t.sol', 'function test_Attack07_One() public {} function testFuzz_Attack61_Two() public {}'],
      ['a.test.ts', "it('three (attack 8)') it('four (attacks 1, 62)')"],
    ])
    const list = '| 1 | x |\n| 7 | x |\n| 8 | x |\n## Attacks on the oracle\n'
    expect(missing(listsOf(list)[0], citedIn(sources))).to.deep.equal([61, 62])
  })
})

/** Numbers of both lists. */
function listsOf(attacks: string): [contracts: number[], oracle: number[]] {
  const [contracts = '', oracle = ''] = attacks.split('## Attacks on the oracle')
  return [contracts, oracle].map((list) => found(list, /^\| (\d+) \|/gm).map(Number)) as [number[], number[]]
}

function citedIn(sources: Sources): number[] {
  const text = [...sources.values()].join('\n')
  const inNames = found(text, /function test(?:Fuzz)?_Attack(\d+)_/g)
  const inTitles = found(text, /\(attacks? ([\d, ]+)\)/g).flatMap((list) => list.split(','))
  return [...new Set([...inNames, ...inTitles].map(Number))].sort((a, b) => a - b)
}

function missing<T>(list: readonly T[], cited: readonly T[]): T[] {
  return cited.filter((one) => !list.includes(one))
}

describe('docs/protocol.md', () => {
  const protocol = docs.get('docs/protocol.md')!

  it('tells every phase and every stage of the code', () => {
    const phases = phasesIn(code)
    const stages = stagesIn(code)
    expect(phases).to.include.members(['Idle', 'FinalizeDue'])
    expect(phases.length).to.be.above(12)
    expect(stages).to.include.members(['S0', 'S6'])
    expect(untold(protocol, phases, stages)).to.deep.equal([])
  })

  it('prints the phase table that contracts, daemons and command line go by', () => {
    const rows = PHASE_TABLE.map(
      ({ name, acts, ends, otherwise }, i) => `| ${i} \`${name}\` | ${acts} | ${ends} | ${otherwise} |`,
    )
    expect(rows.filter((row) => !protocol.includes(`\n${row}\n`))).to.deep.equal([])
  })

  it('prints the stage table that the oracle goes by', () => {
    const rows = STAGE_TABLE.map(
      ({ name, looksAt, asks, does, needs }) =>
        `| ${name} | ${looksAt} | ${asks} | ${does} | ${needs.join(', ') || '–'} |`,
    )
    expect(rows.filter((row) => !protocol.includes(`\n${row}\n`))).to.deep.equal([])
    expect(protocol).to.include(`so: ${RUN_ORDER.map(({ name }) => name).join(', ')}.`)
  })

  it('fails for a phase or a stage that it does not have', () => {
    const sources = new Map([
      ['contracts/a.sol', 'enum Phase { Idle, // first\n Lunch }'],
      ['oracle/a.ts', "type Gate = 'S0' | 'S9'"],
    ])
    const page = '| 0 `Idle` | x |\n| S0 | x |'
    expect(untold(page, phasesIn(sources), stagesIn(sources))).to.deep.equal(['Lunch', 'S9'])
  })
})

describe('docs/architecture.md', () => {
  it('follows an update through the stages in the order in which they run', () => {
    const judging = /^6\. \*\*Judging\.\*\*[\s\S]*?(?=^7\. )/m.exec(docs.get('docs/architecture.md')!)![0]
    expect(judging.match(/\bS\d\b/g)).to.deep.equal(RUN_ORDER.map(({ name }) => name))
  })
})

/** Members of the contracts' enum; `test/contracts/enums.test.ts` holds the sdk's list against it. */
function phasesIn(sources: Sources): string[] {
  const solidity = [...sources].filter(([path]) => path.startsWith('contracts/'))
  return solidity.flatMap(([, source]) =>
    found(withoutComments(source), /enum Phase \{([^}]*)\}/g).flatMap(
      (members) => members.match(/\w+/g) ?? [],
    ),
  )
}

function stagesIn(sources: Sources): string[] {
  const text = [...sources].filter(([path]) => /^(engine|oracle)\//.test(path)).map(([, source]) => source)
  return [...new Set(text.join('\n').match(/\bS\d\b/g))].sort()
}

/** Phases and stages without a row of their own. */
function untold(protocol: string, phases: string[], stages: string[]): string[] {
  const rows = new Set([...found(protocol, /^\| \d+ `(\w+)` \|/gm), ...found(protocol, /^\| (S\d) \|/gm)])
  return [...phases, ...stages].filter((name) => !rows.has(name))
}

describe('the docs', () => {
  const each = (check: (path: string, text: string) => string[]) =>
    [...docs].flatMap(([path, text]) => check(path, text))

  it('have no line longer than 120 characters, but for tables, code and links', () => {
    expect(docs.size).to.be.above(20)
    expect(each(longLines)).to.deep.equal([])
  })

  it('fail for a long line', () => {
    const long = `${'word '.repeat(24)}end`
    const table = `| ${long} |`
    const link = `[here](${'x'.repeat(200)})`
    const text = [long, table, '```', long, '```', '', `    ${long}`, link].join('\n')
    expect(longLines('a.md', text)).to.deep.equal(['a.md:1 has 123 characters'])
  })

  it('link to files and headings that are there', () => {
    expect(each((path, text) => linksOf(text).map(() => path)).length).to.be.above(40)
    expect(each(deadLinks)).to.deep.equal([])
  })

  it('fail for a dead link, and for one broken into two lines', () => {
    const text =
      '# One word\n[a](protocol.md) [b](#one-word) [c](#two) [d](gone.md) [e](https://example.org) [f](pro\ntocol.md)'
    expect(deadLinks('docs/made-up.md', text)).to.deep.equal([
      'docs/made-up.md links to #two',
      'docs/made-up.md links to gone.md',
      'docs/made-up.md links to pro\ntocol.md',
    ])
  })

  it('name files and folders that are there', () => {
    expect(each((_, text) => pathsIn(text)).length).to.be.above(80)
    expect(each(lostPaths)).to.deep.equal([])
  })

  it('fail for a file that is not there', () => {
    const text = '`tools/docs.test.ts` `sdk/gone.ts` `oracle/nowhere/` `npm run assay`'
    expect(lostPaths('a.md', text)).to.deep.equal(['a.md names sdk/gone.ts', 'a.md names oracle/nowhere/'])
  })

  it('of decisions have the sections of their template', () => {
    const decisions = [...docs].filter(([path]) => /^docs\/decisions\/\d{4}-/.test(path))
    expect(decisions.length).to.be.above(10)
    expect(decisions.flatMap(([path, text]) => lackedBy(path, text))).to.deep.equal([])
  })

  it('fail for a decision without a section, a date or a status', () => {
    const text = '# 0099 A title\n\n- Date: soon\n\n## Context\n\nx\n\n## Decision\n\n## Consequences\n\nx\n'
    expect(lackedBy('a.md', text)).to.deep.equal([
      'a.md lacks - Date: YYYY-MM-DD',
      'a.md lacks - Status:',
      'a.md lacks ## Decision with a text',
      'a.md lacks ## Measured with a text',
    ])
  })
})

function longLines(path: string, text: string): string[] {
  let isFenced = false
  return text.split('\n').flatMap((line, i) => {
    if (line.startsWith('```')) isFenced = !isFenced
    if (isFenced || /^( {4}|\s*\|)/.test(line)) return []
    // Where a link leads is not read, and can't be broken.
    const { length } = line.replaceAll(/\]\([^)]*\)/g, ']')
    return length > LONGEST_LINE ? [`${path}:${i + 1} has ${length} characters`] : []
  })
}

function linksOf(text: string): string[] {
  return found(text, /\]\(([^)]+)\)/g).filter((target) => !/^\w+:/.test(target))
}

function deadLinks(path: string, text: string): string[] {
  return linksOf(text)
    .filter((target) => {
      const [file = '', heading] = target.split('#')
      const full = join(ROOT, dirname(path), file)
      if (file !== '' && !existsSync(full)) return true
      return (
        heading !== undefined && !headingsOf(file === '' ? text : readFileSync(full, 'utf8')).has(heading)
      )
    })
    .map((target) => `${path} links to ${target}`)
}

/** Names under which headings are linked to. */
function headingsOf(text: string): Set<string> {
  const titles = found(text, /^#+ (.+)$/gm)
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** What looks like a path from the repository's root: its first part is a folder there. */
function pathsIn(text: string): string[] {
  const paths = found(text, /`([\w.@*{},-]+(?:\/[\w.@*{},-]*)+)`/g)
  return paths.filter((path) => existsSync(join(ROOT, path.split('/')[0]!)) && !COMPILED.includes(path))
}

function lostPaths(path: string, text: string): string[] {
  const isThere = (one: string) => globSync(one.replace(/\/$/, ''), { cwd: ROOT }).length > 0
  return pathsIn(text)
    .filter((one) => !isThere(one))
    .map((one) => `${path} names ${one}`)
}

function lackedBy(path: string, text: string): string[] {
  const needed: [what: string, pattern: RegExp][] = [
    ['- Date: YYYY-MM-DD', /^- Date: \d{4}-\d{2}-\d{2}$/m],
    ['- Status:', /^- Status: \w/m],
    ...['Context', 'Decision', 'Measured', 'Consequences'].map((title): [string, RegExp] => [
      `## ${title} with a text`,
      new RegExp(`^## ${title}\\n\\n(?!#)\\S`, 'm'),
    ]),
  ]
  return needed.filter(([, pattern]) => !pattern.test(text)).map(([what]) => `${path} lacks ${what}`)
}
