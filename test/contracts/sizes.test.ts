import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { expectSnapshot } from './snapshots.ts'

const ARTIFACTS = join(import.meta.dirname, '../../artifacts/contracts')
/** Limits of a chain: EIP-170 for code, EIP-3860 for the code that makes it. */
const MOST_BYTES = { code: 24_576, creation: 49_152 }
/** Bytes that each piece of Rounds keeps free. */
const FREE_BYTES = 1_000
const DEPLOYED = {
  AssayToken: 'AssayToken.sol',
  StakeRegistry: 'StakeRegistry.sol',
  BlockHashBeacon: 'BlockHashBeacon.sol',
  Tasks: 'Tasks.sol',
  Rounds: 'Rounds.sol',
  RoundsExtension: 'RoundsExtension.sol',
  RoundsMembership: 'RoundsMembership.sol',
  RoundsCases: 'RoundsCases.sol',
  RoundsLens: 'lens/RoundsLens.sol',
  Canaries: 'Canaries.sol',
  Accusations: 'Accusations.sol',
  Court: 'Court.sol',
  Jury: 'Jury.sol',
  JuryFactory: 'JuryFactory.sol',
  WindowAccusations: 'WindowAccusations.sol',
} as const

type Sizes = Record<string, { code: number; creation: number }>

describe('Sizes of the contracts', () => {
  const sizes: Sizes = {}

  before(() => {
    for (const [name, source] of Object.entries(DEPLOYED)) sizes[name] = sizesOf(name, source)
  })

  it('are those of the snapshot, in bytes', () => {
    expectSnapshot('sizes', sizes)
  })

  it('keep within what a chain takes', () => {
    for (const [name, { code, creation }] of Object.entries(sizes)) {
      expect(code, `code of ${name}`).to.be.within(100, MOST_BYTES.code)
      expect(creation, `creation code of ${name}`).to.be.within(100, MOST_BYTES.creation)
    }
  })

  for (const piece of ['Rounds', 'RoundsExtension', 'RoundsMembership', 'RoundsCases'])
    it(`leave room in ${piece} for later code`, () => {
      expect(sizes[piece]!.code).to.be.at.most(MOST_BYTES.code - FREE_BYTES)
    })
})

function sizesOf(name: string, source: string) {
  const { deployedBytecode, bytecode } = JSON.parse(
    readFileSync(join(ARTIFACTS, source, `${name}.json`), 'utf8'),
  ) as { deployedBytecode: string; bytecode: string }
  return { code: bytesOf(deployedBytecode), creation: bytesOf(bytecode) }
}

const bytesOf = (hex: string) => (hex.length - 2) / 2
