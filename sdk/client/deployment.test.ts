import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseDeployment } from './deployment.ts'
import { readDeployment } from './deployment-file.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const VALID = {
  network: 'localhost',
  chainId: 31_337,
  startBlock: 0,
  commit: 'abc',
  contracts: {
    assayToken: address('1'),
    stakeRegistry: address('2'),
    beacon: address('3'),
    tasks: address('4'),
    rounds: address('5'),
    roundsExtension: address('6'),
    roundsMembership: address('7'),
    roundsCases: address('8'),
    roundsLens: address('9'),
    accusations: address('a'),
    court: address('b'),
    jury: address('c'),
    canaries: address('e'),
    windowAccusations: address('d'),
  },
}

describe('Deployment', () => {
  it('takes a file that the deploy command wrote', () => {
    expect(parseDeployment(structuredClone(VALID))).to.deep.equal(VALID)
  })

  it('names every fault', () => {
    const contracts = { ...VALID.contracts, tasks: '0x12' }
    const broken = () => parseDeployment({ ...VALID, chainId: '1', contracts, extra: true }, 'x.json')
    expect(broken).to.throw(/x\.json is not a valid deployment.*chainId.*contracts\.tasks.*extra/s)
    for (const nothing of [undefined, null, 3, [], {}])
      expect(() => parseDeployment(nothing)).to.throw('not a valid')
  })

  describe('in a file', () => {
    let folder: string
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'assay-deployment-'))
    })
    after(() => rmSync(folder, { recursive: true }))

    it('is read', () => {
      writeFileSync(join(folder, 'good.json'), JSON.stringify(VALID))
      expect(readDeployment(join(folder, 'good.json'))).to.deep.equal(VALID)
    })

    it('is missed with advice', () => {
      expect(() => readDeployment(join(folder, 'none.json'))).to.throw(
        'deploy first, or name another network',
      )
    })

    it('must be JSON', () => {
      writeFileSync(join(folder, 'marked.json'), `\uFEFF${JSON.stringify(VALID)}`)
      expect(readDeployment(join(folder, 'marked.json'))).to.deep.equal(VALID)
      writeFileSync(join(folder, 'bad.json'), '{')
      expect(() => readDeployment(join(folder, 'bad.json'))).to.throw('is not JSON')
    })
  })
})
