import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

/** Compares what docs/guarantees.md says about the tests with the tests. */
const ROOT = join(import.meta.dirname, '../..')
const ATTACKS = 46
const OTHERS = 'the tests that are named elsewhere'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const all = (pattern: string) =>
  globSync(pattern, { cwd: ROOT, exclude: ['**/node_modules/**'] })
    .map(read)
    .join('\n')
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)

const guarantees = read('docs/guarantees.md')
const solidity = all('test/solidity/**/*.sol')
const typescript = all('{test,sdk,engine,store,daemon,oracle,contributor,cli,scripts}/**/*.test.ts')

describe('docs/guarantees.md', () => {
  it('names tests and files that there are', () => {
    const names = found(guarantees, /`([^`\s]+)`/g)
    const paths = names.filter((name) => name.includes('/'))
    expect(paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).to.deep.equal([])
    const tests = names.filter((name) => /^(test|invariant)/.test(name) && !name.includes('/'))
    expect(tests.filter((name) => !solidity.includes(`function ${name}(`))).to.deep.equal([])
    const titles = found(guarantees, /“([^”]+)”/g)
    expect(titles.filter((title) => !typescript.includes(`it('${title}'`))).to.deep.equal([])
    expect(Math.min(paths.length, tests.length, titles.length), OTHERS).to.be.above(5)
  })

  it('gives a reason for every attack that no test carries, and only for those', () => {
    const carried = new Set([
      ...found(solidity, /function test(?:Fuzz)?_Attack(\d+)_/g),
      // Numbers of the same list; the oracle's packages count the attacks on the oracle.
      ...found(all('{test,sdk}/**/*.test.ts'), /\(attack (\d+)\)/g),
    ])
    const numbers = Array.from({ length: ATTACKS }, (_, i) => i + 1)
    const untested = numbers.filter((n) => !carried.has(String(n)) && !carried.has(`0${n}`))
    const reasons = sectionOf('Attacks that cannot arise here')
    expect(found(reasons, /^\| (\d+),/gm).map(Number)).to.deep.equal(untested)
  })

  it('gives a reason for every error that no test provokes with its values, and for every event', () => {
    const excused = found(sectionOf('Errors and events that nothing can cause'), /`(\w+)`/g)
    const missing = declared().filter(({ type, name, inputs }) => {
      // An event counts right after the statement that expects it; an error inside the statement that expects or compares the revert.
      if (type === 'event')
        return !new RegExp(`\\bexpect\\w*\\([^;]*\\);\\s*emit (\\w+\\.)?${name}\\(`).test(solidity)
      // An error with values has to be encoded with them; one without is its selector alone.
      const values = inputs.length > 0 ? 'encodeWith(Selector|Signature)\\(\\s*' : ''
      const refusal = `${values}(\\w+\\.)?"?${name}(\\.selector|\\()`
      return !new RegExp(`\\b(expect\\w*|assertEq|refused\\w*)\\([^;]*?${refusal}`).test(solidity)
    })
    const names = [...new Set(missing.map(({ name }) => name))]
    expect(names).to.have.members(excused)
  })
})

function sectionOf(title: string): string {
  const [, section] = guarantees.split(`## ${title}\n`)
  return section!.split('\n## ')[0]!
}

type Declared = { type: string; name: string; inputs: unknown[] }

/** Errors and events of everything in contracts/. */
function declared(): Declared[] {
  const artifacts = globSync('artifacts/contracts/**/*.json', { cwd: ROOT }).filter((path) =>
    existsSync(join(ROOT, path.replace(/^artifacts\//, '').replace(/\/[^/]+\.json$/, ''))),
  )
  const entries = artifacts.flatMap((path) => (JSON.parse(read(path)).abi ?? []) as Declared[])
  return entries.filter(({ type }) => type === 'error' || type === 'event')
}
