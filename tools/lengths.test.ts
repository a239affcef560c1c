import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

/**
 * A size to feel at home in: what is longer is two things. Comments and blank lines don't count, so that nobody saves on them.
 */
const ROOT = join(import.meta.dirname, '..')
const MOST_FILE_LINES = 300
const MOST_FUNCTION_LINES = 25
const TYPESCRIPT =
  '{benchmarks,cli,contributor,daemon,engine,ignition,lab,oracle,scripts,sdk,store,test,tools}/**/*.{ts,mjs}'
const NOT_OURS = ['**/node_modules/**', '**/generated/**']

type Long = { place: string; lines: number }

describe('lengths', () => {
  it(`of contracts are at most ${MOST_FILE_LINES} lines of code`, () => {
    expect(longFiles(filesOf('contracts/**/*.sol'))).to.deep.equal([])
  })

  it(`of their functions are at most ${MOST_FUNCTION_LINES}`, () => {
    const contracts = filesOf('contracts/**/*.sol')
    const functions = contracts.flatMap(([path, source]) => functionsIn(path, source))
    expect(functions.length, 'functions found').to.be.above(300)
    expect(functions.filter(({ lines }) => lines > MOST_FUNCTION_LINES)).to.deep.equal([])
  })

  it(`of TypeScript files are at most ${MOST_FILE_LINES}`, () => {
    expect(longFiles(filesOf(TYPESCRIPT))).to.deep.equal([])
  })

  it('count code, and find what is long', () => {
    const body = Array.from({ length: 26 }, (_, i) => `        x = ${i};`).join('\n')
    const source = `contract A {\n    // why\n\n    function f() external {\n${body}\n    }\n    function g() external {}\n}\n`
    expect(functionsIn('a.sol', source)).to.deep.equal([{ place: 'a.sol: f', lines: 26 }])
    expect(codeLines('/** a\n * b */\n\n// c\nx()\n')).to.equal(1)
    expect(longFiles([['a.ts', 'x()\n'.repeat(301)]])).to.deep.equal([{ place: 'a.ts', lines: 301 }])
  })
})

function filesOf(pattern: string): [path: string, source: string][] {
  const paths = globSync(pattern, { cwd: ROOT, exclude: NOT_OURS })
  expect(paths.length, `files of ${pattern}`).to.be.above(20)
  return paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])
}

function longFiles(files: [path: string, source: string][]): Long[] {
  return files
    .map(([place, source]) => ({ place, lines: codeLines(source) }))
    .filter(({ lines }) => lines > MOST_FILE_LINES)
}

/** Functions of a contract with a body over several lines, as prettier lays them out. */
function functionsIn(path: string, source: string): Long[] {
  const bodies = source.matchAll(/^ {4}(?:function (\w+)|(constructor|fallback))[^;{}]*\{\n(.*?)^ {4}\}$/gms)
  return [...bodies].map(([, name, kind, body]) => ({
    place: `${path}: ${name ?? kind}`,
    lines: codeLines(body!),
  }))
}

function codeLines(source: string): number {
  const withoutBlocks = source.replaceAll(/\/\*.*?\*\//gs, '')
  return withoutBlocks.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length
}
