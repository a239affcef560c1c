import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Address } from 'viem'
import {
  type CanaryFile,
  digestIn,
  findCanaryFile,
  parseCanaryFile,
  readCanaryFile,
  writeCanaryFile,
} from './canary-file.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const CANARY: CanaryFile = {
  at: { chainId: 31_337, canaries: address('1') },
  owner: address('2'),
  taskId: 9_007_199_254_740_993n,
  round: 7,
  contributor: address('3'),
  truth: { hasOpening: true, leastQualityBps: 100, mostQualityBps: 5_000 },
  salt: `0x${'ab'.repeat(32)}`,
}

describe('the file of a canary', () => {
  let dir: string
  let path: string

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-canary-file-'))
    path = join(dir, 'canary.json')
    await writeCanaryFile(path, CANARY)
  })
  after(() => rm(dir, { recursive: true }))

  it('keeps all that the commitment hides, for its owner alone, and is never replaced', async () => {
    expect(await readCanaryFile(path, CANARY.at)).to.deep.equal(CANARY)
    expect((await stat(path)).mode & 0o777).to.equal(0o600)
    const again = await writeCanaryFile(path, CANARY).catch((error: NodeJS.ErrnoException) => error.code)
    expect(again).to.equal('EEXIST')
    expect(await findCanaryFile(join(dir, 'nothing.json'))).to.equal(undefined)
  })

  it('gives another commitment for each field that changes', () => {
    const changed: CanaryFile[] = [
      CANARY,
      { ...CANARY, at: { ...CANARY.at, chainId: 1 } },
      { ...CANARY, at: { ...CANARY.at, canaries: address('4') } },
      { ...CANARY, owner: address('4') },
      { ...CANARY, taskId: 1n },
      { ...CANARY, round: 8 },
      { ...CANARY, contributor: address('4') },
      { ...CANARY, truth: { ...CANARY.truth, hasOpening: false } },
      { ...CANARY, truth: { ...CANARY.truth, leastQualityBps: 101 } },
      { ...CANARY, truth: { ...CANARY.truth, mostQualityBps: 5_001 } },
      { ...CANARY, salt: `0x${'cd'.repeat(32)}` },
    ]
    expect(new Set(changed.map(digestIn)).size).to.equal(changed.length)
  })

  it('is refused with what is wrong in it', async () => {
    const valid = { format: 'assay-canary-1', ...CANARY.at, owner: CANARY.owner, taskId: '1', round: 7 }
    const whole = { ...valid, contributor: CANARY.contributor, ...CANARY.truth, salt: CANARY.salt }
    expect(parseCanaryFile(JSON.stringify(whole), path).taskId).to.equal(1n)
    for (const [content, fault] of [
      ['{', 'canary.json is not JSON.'],
      [{ ...whole, salt: '0x12' }, 'salt: must be 0x and 64 hexadecimal digits'],
      [{ ...whole, owner: 'me' }, 'owner: must be an address'],
      [{ ...whole, taskId: '01' }, 'taskId: must be digits in quotation marks'],
      [{ ...whole, mostQualityBps: 10_001 }, 'mostQualityBps'],
      [{ ...whole, round: 0 }, 'round'],
      [{ ...whole, more: 1 }, 'more'],
      [valid, 'contributor: must be an address'],
    ] as const) {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      expect(() => parseCanaryFile(text, 'canary.json'), text).to.throw(fault)
    }
  })

  it('belongs to one deployment', async () => {
    const elsewhere = await readCanaryFile(path, { ...CANARY.at, chainId: 1 }).catch((error) => error.message)
    expect(elsewhere).to.include(`is of chain 31337 and contract ${CANARY.at.canaries}, not of 1`)
    const missing = await readCanaryFile(join(dir, 'x.json'), CANARY.at).catch((error) => error.message)
    expect(missing).to.equal(`There is no file ${join(dir, 'x.json')}.`)
    await writeFile(join(dir, 'bad.json'), '[]')
    const bad = await findCanaryFile(join(dir, 'bad.json')).catch((error) => error.message)
    expect(bad).to.include('bad.json holds no canary')
  })
})
