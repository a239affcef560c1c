import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect } from 'chai'

/**
 * What each shipped package may see: `sdk` ← `engine`, `store` ← `daemon` ← `oracle`, `contributor` ← `cli`. Whoever changes an arrow
 * changes it here and in CONTRIBUTING.md.
 */
const SHIPPED: Record<string, readonly string[]> = {
  sdk: [],
  engine: ['sdk'],
  store: ['sdk'],
  daemon: ['sdk', 'engine', 'store'],
  oracle: ['sdk', 'engine', 'store', 'daemon'],
  contributor: ['sdk', 'engine', 'store', 'daemon'],
  cli: ['sdk', 'engine', 'store', 'daemon', 'oracle', 'contributor'],
}
/** What the other folders with sources may see. Nothing that is shipped sees them. */
const BESIDE: Record<string, readonly string[]> = {
  lab: ['sdk', 'engine', 'store', 'oracle', 'contributor'],
  benchmarks: ['sdk', 'engine', 'store', 'oracle', 'contributor', 'lab', 'tools', '.toolchain'],
  scripts: ['sdk', 'engine', 'store', 'oracle', 'contributor', 'cli', 'lab', 'ignition', 'tools'],
  examples: ['lab'],
  ignition: [],
  contracts: [],
  tools: ['test'],
  test: [...Object.keys(SHIPPED), 'lab', 'benchmarks', 'scripts', 'contracts', 'tools'],
}
const MAY_SEE = { ...SHIPPED, ...BESIDE }
/** Packages with a package.json, whose dependencies are their arrows. */
const PACKAGES = [...Object.keys(SHIPPED), 'lab']

/** Arrows between the rooms of a folder; `.` is the folder itself. Each file is in one of them. */
const ROOMS: Record<string, Record<string, readonly string[]>> = {
  sdk: {
    generated: [],
    protocol: ['generated'],
    client: ['generated', 'protocol'],
    verbs: ['generated', 'protocol', 'client'],
  },
  engine: {
    '.': [],
    package: ['.'],
    run: ['.', 'package'],
    judge: ['.', 'package', 'run'],
    aggregate: ['.', 'package', 'run'],
    author: ['.', 'package', 'run'],
    prepare: ['.', 'package'],
    node: ['.', 'package', 'run', 'prepare'],
  },
  lab: {
    '.': [],
    behaviours: ['.'],
    datasets: ['.'],
    rules: ['.'],
    attacks: ['.', 'behaviours', 'datasets'],
    federation: ['.', 'attacks', 'datasets', 'rules'],
    runs: ['.', 'attacks', 'datasets', 'rules', 'federation'],
    experiments: ['.'],
  },
  scripts: {
    command: [],
    deploy: ['command'],
    demo: ['command', 'deploy'],
    campaign: ['command'],
    digits: [],
    assemble: [],
    examples: ['demo'],
    lab: ['command'],
    '.': ['assemble', 'command', 'campaign', 'deploy', 'demo', 'digits', 'examples', 'lab'],
  },
}
/** All of the engine but this room runs in browsers too. */
const NODE_ROOM = 'engine/node'
const NODE_ONLY = /^(node:|piscina$|onnxruntime-node$)/

const ROOT = join(import.meta.dirname, '..')
const SOURCES = '**/*.{ts,mts,cts,tsx,js,mjs,cjs,sol}'
const INSTALLED = ['**/node_modules/**']
const TESTS_ONLY = [...INSTALLED, '**/fixtures/**', '**/*.test.ts']
/** What is installed or compiled. */
const MADE = ['node_modules', 'artifacts', 'cache', 'types', 'coverage']
const IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\bnew URL\s*\()\s*(['"])(?<target>[^'"\n]+)\1/g

type Source = [file: string, text: string]

/** The path in the repository that an import leads to; undefined for Node's and npm's own. */
function pathOf(file: string, target: string): string | undefined {
  if (target.startsWith('@assay/')) return target.slice('@assay/'.length)
  return target.startsWith('.') ? join(dirname(file), target) : undefined
}

function targetsOf([, text]: Source): string[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => groups!.target!)
}

const homeOf = (path: string) => path.split('/')[0]!
const roomOf = (path: string) => (path.split('/').length > 2 ? path.split('/')[1]! : '.')

/** Imports against the arrows, in words. */
function violations(sources: Iterable<Source>): string[] {
  return [...sources].flatMap((source) => {
    const [file] = source
    const home = homeOf(file)
    const paths = targetsOf(source).flatMap((target) => pathOf(file, target) ?? [])
    const outside = paths
      .map(homeOf)
      .filter((other) => other !== home && !MAY_SEE[home]?.includes(other))
      .map((other) => `${file} imports from ${other}`)
    return [...outside, ...roomViolations(source, paths), ...nodeViolations(source)]
  })
}

function roomViolations([file]: Source, paths: string[]): string[] {
  const home = homeOf(file)
  const rooms = ROOMS[home]
  if (rooms === undefined) return []
  const room = roomOf(file)
  if (rooms[room] === undefined)
    return [`${file} stands in none of the rooms ${Object.keys(rooms).join(', ')}`]
  return paths
    .filter((path) => homeOf(path) === home)
    .map(roomOf)
    .filter((other) => other !== room && !rooms[room]!.includes(other))
    .map((other) => `${file} imports from ${home}/${other}`)
}

function nodeViolations(source: Source): string[] {
  const [file] = source
  if (homeOf(file) !== homeOf(NODE_ROOM) || file.startsWith(`${NODE_ROOM}/`)) return []
  return targetsOf(source)
    .filter((target) => NODE_ONLY.test(target))
    .map((target) => `${file} imports ${target}`)
}

function sourcesOf(folder: string, exclude = TESTS_ONLY): Source[] {
  return globSync(`${folder}/${SOURCES}`, { cwd: ROOT, exclude }).map((file) => [
    file,
    readFileSync(join(ROOT, file), 'utf8'),
  ])
}

describe('the arrows between folders', () => {
  it('are drawn for every folder that has sources', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !MADE.includes(entry.name))
      .map(({ name }) => name)
      .filter((name) => globSync(`${name}/${SOURCES}`, { cwd: ROOT, exclude: INSTALLED }).length > 0)
    expect(folders.sort()).to.deep.equal(Object.keys(MAY_SEE).sort())
  })

  it('are kept by every source', () => {
    for (const folder of Object.keys(MAY_SEE)) {
      const sources = sourcesOf(folder)
      expect(sources.length, `sources of ${folder}`).to.be.greaterThan(0)
      expect(violations(sources)).to.deep.equal([])
    }
  })

  it('are all used, so that a look that finds no imports fails', () => {
    for (const [folder, allowed] of Object.entries(MAY_SEE)) {
      const sources = folder === 'test' ? sourcesOf(folder, INSTALLED) : sourcesOf(folder)
      const seen = sources.flatMap((source) =>
        targetsOf(source).flatMap((target) => pathOf(source[0], target) ?? []),
      )
      expect([...new Set(seen.map(homeOf))], folder).to.include.members([...allowed])
    }
  })

  it('are those of the package.json files', () => {
    for (const name of PACKAGES) {
      const { dependencies } = JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8'))
      const needed = Object.keys(dependencies).filter((one) => one.startsWith('@assay/'))
      expect(needed.map((one) => one.slice('@assay/'.length)).sort(), name).to.deep.equal(
        [...MAY_SEE[name]!].sort(),
      )
    }
  })

  const wrong: [file: string, text: string, fault: string][] = [
    ['sdk/client/a.ts', "import { b } from '@assay/engine/b.ts'", 'imports from engine'],
    ['engine/run/a.ts', "import type { B } from '@assay/store/b.ts'", 'imports from store'],
    ['store/deep/a.ts', "export { b } from '../../engine/b.ts'", 'imports from engine'],
    ['daemon/a.ts', "import { b } from '@assay/oracle/b.ts'", 'imports from oracle'],
    ['oracle/a.ts', "const { b } = await import('@assay/contributor/b.ts')", 'imports from contributor'],
    ['contributor/a.ts', "import '@assay/cli/assay.ts'", 'imports from cli'],
    ['cli/verbs/a.ts', "import { b } from '../../scripts/b.ts'", 'imports from scripts'],
    ['cli/a.ts', "import {\n  b,\n} from '@assay/lab/b.ts'", 'imports from lab'],
    ['cli/a.ts', "new Worker(new URL('../test/b.ts', import.meta.url))", 'imports from test'],
    ['engine/node/a.ts', "import('../../tools/b.ts')", 'imports from tools'],
    ['lab/a.ts', "import { b } from '../benchmarks/b.ts'", 'imports from benchmarks'],
    ['benchmarks/a.ts', "import { b } from '../scripts/b.ts'", 'imports from scripts'],
    ['contracts/A.sol', 'import {B} from "../test/solidity/fixtures/B.sol"', 'imports from test'],
    ['sdk/protocol/a.ts', "import { b } from '../client/b.ts'", 'imports from sdk/client'],
    ['sdk/protocol/a.ts', "import { b } from '../verbs/rounds/b.ts'", 'imports from sdk/verbs'],
    ['sdk/client/a.ts', "import { b } from '../verbs/tasks/b.ts'", 'imports from sdk/verbs'],
    ['sdk/a.ts', '', 'stands in none of the rooms generated, protocol, client, verbs'],
    ['engine/package/a.ts', "import { b } from '../run/b.ts'", 'imports from engine/run'],
    ['engine/judge/a.ts', "import { b } from '../node/b.ts'", 'imports from engine/node'],
    ['engine/run/a.ts', "import { b } from '../fixtures/b.ts'", 'imports from engine/fixtures'],
    ['engine/run/a.ts', "import { readFile } from 'node:fs/promises'", 'imports node:fs/promises'],
    ['lab/digits.ts', "import { b } from './behaviours/b.ts'", 'imports from lab/behaviours'],
    ['lab/experiments/a.ts', "import { b } from '../behaviours/b.ts'", 'imports from lab/behaviours'],
    [
      'lab/economics/a.ts',
      '',
      'stands in none of the rooms ., behaviours, datasets, rules, attacks, federation, runs, experiments',
    ],
    ['scripts/deploy/a.ts', "import { b } from '../demo/b.ts'", 'imports from scripts/demo'],
    ['engine/hash.ts', "const { createHash } = await import('node:crypto')", 'imports node:crypto'],
  ]
  for (const [file, text, fault] of wrong) {
    it(`are broken by ${file} with ${text.replaceAll(/\s+/g, ' ') || 'no import'}`, () => {
      expect(violations([[file, text]])).to.deep.equal([`${file} ${fault}`])
    })
  }

  it('leave a folder to itself, to npm and to what it may see', () => {
    const text = `import { join } from 'node:path'
      import { keccak256 } from 'viem'
      import { vote } from './vote.ts'
      import { draw } from '@assay/sdk/protocol/sampling.ts'`
    expect(violations([['oracle/verify/a.ts', text]])).to.deep.equal([])
    expect(violations([['engine/node/a.ts', "import { Worker } from 'node:worker_threads'"]])).to.deep.equal(
      [],
    )
  })
})
