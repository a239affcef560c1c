import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

const ROOT = join(import.meta.dirname, '..')
const MOCHA = join(ROOT, 'node_modules/mocha/bin/mocha.js')

/** Fails in each way in which a file can fail, with errors that have no JSON. */
const FAILING = `
const failure = (message, cause) => Object.assign(new Error(message, { cause }), { amount: 5n, args: [{ wei: 7n }] })
describe('a test', () => {
  it('throws', () => { throw failure('from a test') })
  it('throws what has a cause', () => { throw failure('from outside', failure('from between', failure('from inside'))) })
  it('throws what holds itself', () => {
    const error = failure('from a circle')
    throw Object.assign(error, { self: error, cause: error, act() {}, list: [error] })
  })
  it('compares', () => { throw Object.assign(failure('from a comparison'), { actual: 5n, expected: { wei: 7n } }) })
  it('throws no error', () => { throw { message: 'from an object', amount: 5n } })
  it('fails twice', (done) => { done(failure('from the first call')); done(failure('from the second call')) })
})
describe('a hook', () => {
  before(() => { throw failure('from a hook') })
  it('never runs', () => {})
})
describe('a callback', () => {
  it('throws later', (done) => { setTimeout(() => { throw failure('from a callback') }) })
})
`

describe('failures in a worker', () => {
  it('tell their message, their stack and their causes, whatever they hold', async () => {
    const said = await runInWorkers({ 'failing.mjs': FAILING, 'passing.mjs': `it('passes', () => {})` })

    for (const place of [
      'test',
      'circle',
      'comparison',
      'object',
      'hook',
      'callback',
      'first call',
      'second call',
    ])
      expect(said).to.match(new RegExp(`from (a|an|the) ${place}`))
    expect(said).to.match(
      /from outside[\s\S]*at .*failing\.mjs:\d[\s\S]*from between[\s\S]*at .*failing\.mjs:\d[\s\S]*from inside/,
    )
    expect(said).to.include('1 passing').and.to.include('9 failing')
  })

  it('tell why a file could not be loaded', async () => {
    const said = await runInWorkers({
      'broken.mjs': `throw Object.assign(new Error('from a module'), { amount: 5n })`,
      'passing.mjs': `it('passes', () => {})`,
    })

    expect(said).to.match(/from a module[\s\S]*broken\.mjs:1/)
  })
})

/** Runs test files as `npm test` does. @returns all that Mocha said */
async function runInWorkers(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-workers-'))
  try {
    const paths = Object.keys(files).map((name) => join(folder, name))
    for (const path of paths) await writeFile(path, files[path.slice(folder.length + 1)]!)
    return await new Promise((said) => {
      const args = [MOCHA, '--parallel', '--jobs', '2', ...paths]
      execFile(process.execPath, args, { cwd: ROOT }, (_, stdout, stderr) => said(stdout + stderr))
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}
