import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { expect } from 'chai'

/**
 * What each shipped package may see: `sdk` ← `engine`, `store` ← `daemon` ← `oracle`, `contributor` ← `cli`. Whoever changes an arrow
 * changes it here and in CONTRIBUTING.md.
 */
const MAY_SEE: Record<string, readonly string[]> = {
  sdk: [],
  engine: ['sdk'],
  store: ['sdk'],
  daemon: ['sdk', 'engine', 'store'],
  oracle: ['sdk', 'engine', 'store', 'daemon'],
  contributor: ['sdk', 'engine', 'store', 'daemon'],
  cli: ['sdk', 'engine', 'store', 'daemon', 'oracle', 'contributor'],
}
const PACKAGES = Object.keys(MAY_SEE)
const ROOT = join(import.meta.dirname, '..')
const TESTS_ONLY = ['**/node_modules/**', '**/fixtures/**', '**/*.test.ts', '**/test-*.ts']
const IMPORT = /(?:\bfrom|\bimport|\bimport\s*\(|\bnew URL\s*\()\s*(['"])(?<target>[^'"\n]+)\1/g

/** Which package or folder of the repository an import leads to; undefined for Node's and npm's own. */
function targetOf(file: string, target: string): string | undefined {
  if (target.startsWith('@assay/')) return target.split('/')[1]
  if (!target.startsWith('.')) return undefined
  return relative('.', join(dirname(file), target)).split(sep)[0]
}

/** Every import of a file that leads out of its package, and where to. */
function importsOf(file: string, source: string): string[] {
  const [home] = file.split('/')
  const targets = [...source.matchAll(IMPORT)].map(({ groups }) => targetOf(file, groups!.target!))
  return targets.filter((target) => target !== undefined && target !== home) as string[]
}

/** Imports against the arrows, in words. */
function violations(files: Iterable<[file: string, source: string]>): string[] {
  return [...files].flatMap(([file, source]) => {
    const allowed = MAY_SEE[file.split('/')[0]!]!
    return importsOf(file, source)
      .filter((target) => !allowed.includes(target))
      .map((target) => `${file} imports from ${target}`)
  })
}

function shippedSources(): [file: string, source: string][] {
  return globSync(`{${PACKAGES.join(',')}}/**/*.ts`, { cwd: ROOT, exclude: TESTS_ONLY }).map((file) => [
    file,
    readFileSync(join(ROOT, file), 'utf8'),
  ])
}

describe('the arrows between packages', () => {
  it('are kept by everything that is shipped', () => {
    const sources = shippedSources()
    for (const name of PACKAGES) {
      const own = sources.filter(([file]) => file.startsWith(`${name}/`))
      expect(own.length, `sources of ${name}`).to.be.greaterThan(5)
    }
    expect(violations(sources)).to.deep.equal([])
    // A look that finds no imports at all would find no wrong ones either.
    const seenByCli = sources
      .filter(([file]) => file.startsWith('cli/'))
      .flatMap(([file, source]) => importsOf(file, source))
    expect([...new Set(seenByCli)]).to.have.members(MAY_SEE.cli!)
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

  const wrong: [file: string, source: string, target: string][] = [
    ['sdk/a.ts', "import { b } from '@assay/engine/b.ts'", 'engine'],
    ['engine/a.ts', "import type { B } from '@assay/store/b.ts'", 'store'],
    ['store/deep/a.ts', "export { b } from '../../engine/b.ts'", 'engine'],
    ['oracle/a.ts', "const { b } = await import('@assay/contributor/b.ts')", 'contributor'],
    ['contributor/a.ts', "import '@assay/cli/assay.ts'", 'cli'],
    ['cli/verbs/a.ts', "import { b } from '../../scripts/b.ts'", 'scripts'],
    ['cli/a.ts', "import {\n  b,\n} from '@assay/lab/b.ts'", 'lab'],
    ['cli/a.ts', "new Worker(new URL('../test/b.ts', import.meta.url))", 'test'],
    ['engine/a.ts', "import('../tools/b.ts')", 'tools'],
  ]
  for (const [file, source, target] of wrong) {
    it(`are broken by ${file} with ${source.replaceAll(/\s+/g, ' ')}`, () => {
      expect(violations([[file, source]])).to.deep.equal([`${file} imports from ${target}`])
    })
  }

  it('leave a package to itself, to npm and to what it may see', () => {
    const source = `import { join } from 'node:path'
      import { keccak256 } from 'viem'
      import { vote } from './vote.ts'
      import { draw } from '@assay/sdk/protocol/sampling.ts'`
    expect(violations([['oracle/verify/a.ts', source]])).to.deep.equal([])
  })
})
