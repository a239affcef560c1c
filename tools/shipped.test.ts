import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'

const ROOT = join(import.meta.dirname, '..')
/** Contracts that are deployed; what is in the folders beside them is inherited or called inside. */
const DEPLOYED = globSync('contracts/{*,lens/RoundsLens}.sol', { cwd: ROOT }).map((file) =>
  basename(file, '.sol'),
)

describe('Solidity tests', () => {
  // They are compiled without the optimizer: what they create themselves is other code than a chain gets.
  it('deploy the code that ships, with test/solidity/fixtures/Shipped.sol instead of new', () => {
    const files = globSync('test/solidity/**/*.sol', { cwd: ROOT })
    expect(files.length, 'files').to.be.above(50)
    const own = files.flatMap((file) =>
      ownCode(readFileSync(join(ROOT, file), 'utf8')).map((code) => `${file}: ${code}`),
    )
    expect(own).to.deep.equal([])
  })

  it('are told what they create', () => {
    const source =
      'court = new Court(tasks);\nhandler = new CourtHandler();\nreturn keccak256(type(Rounds).runtimeCode);\n'
    expect(ownCode(source)).to.deep.equal(['new Court(', 'type(Rounds).'])
  })
})

function ownCode(source: string): string[] {
  const names = DEPLOYED.join('|')
  return [...source.matchAll(new RegExp(`\\bnew (${names})\\(|\\btype\\((${names})\\)\\.`, 'g'))].map(
    ([code]) => code,
  )
}
