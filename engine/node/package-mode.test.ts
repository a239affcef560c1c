import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_PROGRAM } from '@assay/sdk/protocol/program.ts'
import { expect } from 'chai'
import { smallTask } from '../fixtures/small-tasks.ts'
import { DEFAULT_TOLERANCE } from '../package/mode.ts'
import { changeMode } from './package-mode.ts'
import { readTaskPackage, writeTaskPackage } from './task-package.ts'

describe('changing the mode of a package', () => {
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-mode-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('changes its spec hash and nothing of its files, and back', async () => {
    const exact = await writeTaskPackage(dir, smallTask())
    const changed = await changeMode(dir, DEFAULT_TOLERANCE)
    expect(changed).to.deep.equal(await readTaskPackage(dir))
    const { specHash, programRoot, spec } = changed
    expect({ ...changed, spec: { ...spec, mode: 'exact' } }).to.deep.equal({
      ...exact,
      specHash,
      programRoot,
    })
    expect(specHash).to.not.equal(exact.specHash)
    expect(programRoot).to.equal(NO_PROGRAM)
    expect(spec.mode).to.deep.equal(DEFAULT_TOLERANCE)
    expect(await changeMode(dir, 'exact')).to.deep.equal(exact)
  })

  it('writes nothing that would be refused', async () => {
    await writeTaskPackage(dir, smallTask())
    const before = await readFile(join(dir, 'task.json'))
    const refusal = await changeMode(dir, { ...DEFAULT_TOLERANCE, relativeL2Ppm: 250_001 }).catch(
      (error: Error) => error.message,
    )
    expect(refusal).to.match(/^task.json is refused: mode/)
    expect(await readFile(join(dir, 'task.json'))).to.deep.equal(before)
  })
})
