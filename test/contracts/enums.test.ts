import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PHASES } from '@assay/sdk/protocol/phases.ts'
import { OUTCOMES } from '@assay/sdk/protocol/results.ts'
import { SKIP_REASONS } from '@assay/sdk/verbs/rounds/submit-batch.ts'
import { expect } from 'chai'

/** The members of an enum, as its interface declares them. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(import.meta.dirname, '../../contracts/interfaces', file), 'utf8')
  const [, body = ''] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source) ?? []
  return [...body.replace(/\/\/.*$/gm, '').matchAll(/\w+/g)].map(([member]) => member)
}

const camelCase = (member: string) => member.charAt(0).toLowerCase() + member.slice(1)

describe('Enums in Solidity and TypeScript', () => {
  it('have the same members in the same order', () => {
    expect([...PHASES]).to.deep.equal(membersOf('IRoundsTypes.sol', 'Phase'))
    expect([...SKIP_REASONS]).to.deep.equal(membersOf('IRoundsTypes.sol', 'SkipReason').map(camelCase))
    expect(OUTCOMES.slice(1)).to.deep.equal(membersOf('IRoundsTypes.sol', 'Outcome').slice(1).map(camelCase))
  })
})
