import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { VARIABLES } from '@assay/sdk/protocol/rounds-slots.ts'
import { expect } from 'chai'
import { expectSnapshot } from './snapshots.ts'

const solc = createRequire(import.meta.url)('solc') as { compile: (input: string) => string }
const ARTIFACTS = join(import.meta.dirname, '../../artifacts')
const PIECES = {
  Rounds: 'contracts/Rounds.sol',
  RoundsExtension: 'contracts/RoundsExtension.sol',
  RoundsMembership: 'contracts/RoundsMembership.sol',
  RoundsCases: 'contracts/RoundsCases.sol',
}

type Input = { sources: object; settings: { remappings?: string[]; evmVersion: string } }
type Layout = {
  storage: { label: string; slot: string; offset: number; type: string }[]
  types: Record<string, { label: string; numberOfBytes: string }>
}

/**
 * Rounds runs the code of the others on its own storage: what one piece writes, the others must find in the
 * same place. There are no upgrades, but a variable that only one piece declares would collide as after a careless one.
 */
describe('The four pieces of Rounds', () => {
  it('keep the same things in the same places (attack 44)', async () => {
    const [rounds, ...others] = await layoutsOf(Object.entries(PIECES))
    expect(rounds!.length).to.be.above(10)
    expect(others).to.deep.equal([rounds, rounds, rounds])
    // New variables must not move existing ones: readers rely on their slots.
    expectSnapshot('storage-layout', rounds)
  })
})

describe('Both tables of places', () => {
  it('name the places that the compiler gave to the variables', async () => {
    const [rounds] = await layoutsOf([['Rounds', PIECES.Rounds]])
    const places = new Map(rounds!.map(({ label, slot }) => [constantOf(label), Number(slot)]))
    const solidity = await namedSlots()
    const typeScript = new Map(
      Object.entries(VARIABLES).map(([name, place]) => [constantOf(name), Number(place)]),
    )
    expect(typeScript).to.deep.equal(solidity)
    expect(solidity.size).to.be.above(20)
    for (const [name, slot] of solidity) expect(places.get(name), name).to.equal(slot)
  })
})

/** `_baseModels` as `BASE_MODELS`. */
const constantOf = (label: string) =>
  label
    .replace(/^_/, '')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()

/** The constants of RoundsSlots.sol that name a place. */
async function namedSlots(): Promise<Map<string, number>> {
  const source = await readFile(join(ARTIFACTS, '../contracts/lens/RoundsSlots.sol'), 'utf8')
  return new Map(
    [...source.matchAll(/constant (\w+) = (\d+);/g)].map(([, name, slot]) => [name!, Number(slot)]),
  )
}

/** Each variable of the contracts with its place, its type and the bytes that it takes. */
function layoutsOf(contracts: [name: string, source: string][]) {
  return Promise.all(contracts.map(([name, source]) => layoutOf(name, source)))
}

async function layoutOf(name: string, source: string) {
  const { sources, settings } = await inputOf(name)
  const outputSelection = { '*': { '*': ['storageLayout'] } }
  const input = { language: 'Solidity', sources, settings: { ...settings, outputSelection } }
  const output = JSON.parse(solc.compile(JSON.stringify(input)))
  const file = Object.keys(output.contracts).find((path) => path.endsWith(`/${source}`) || path === source)
  const { storage, types } = output.contracts[file!][name].storageLayout as Layout
  return storage.map(({ label, slot, offset, type }) => {
    const { label: typeLabel, numberOfBytes } = types[type]!
    return { label, slot, offset, type: typeLabel, numberOfBytes }
  })
}

/** What Hardhat gave to the compiler. */
async function inputOf(contract: string): Promise<Input> {
  const artifact = join(ARTIFACTS, 'contracts', `${contract}.sol`, `${contract}.json`)
  const { buildInfoId } = JSON.parse(await readFile(artifact, 'utf8'))
  const { input } = JSON.parse(await readFile(join(ARTIFACTS, 'build-info', `${buildInfoId}.json`), 'utf8'))
  const { remappings, evmVersion } = input.settings
  return { sources: input.sources, settings: { remappings, evmVersion } }
}
