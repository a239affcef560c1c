import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { STANDINGS } from '@assay/sdk/protocol/bid-views.ts'
import { CASE_KINDS, CASE_VERDICTS, PANEL_STATUSES } from '@assay/sdk/protocol/cases.ts'
import { PHASES } from '@assay/sdk/protocol/phases.ts'
import { OUTCOMES } from '@assay/sdk/protocol/results.ts'
import { SLASH_REASONS } from '@assay/sdk/protocol/slash-reasons.ts'
import { SKIP_REASONS } from '@assay/sdk/verbs/rounds/submit-batch.ts'
import { expect } from 'chai'

const sourceOf = (file: string) => readFileSync(join(import.meta.dirname, '../../contracts', file), 'utf8')

/** The members of an enum, as its interface declares them. */
function membersOf(file: string, name: string): string[] {
  const source = sourceOf(`interfaces/${file}`)
  const [, body = ''] = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source) ?? []
  return [...body.replace(/\/\/.*$/gm, '').matchAll(/\w+/g)].map(([member]) => member)
}

const fromUpperCase = (constant: string) =>
  constant.toLowerCase().replace(/_(\w)/g, (_, first: string) => first.toUpperCase())
const camelCase = (member: string) => member.charAt(0).toLowerCase() + member.slice(1)

describe('Enums in Solidity and TypeScript', () => {
  it('have the same members in the same order', () => {
    expect([...PHASES]).to.deep.equal(membersOf('IRoundsTypes.sol', 'Phase'))
    expect([...SKIP_REASONS]).to.deep.equal(membersOf('IRoundsTypes.sol', 'SkipReason').map(camelCase))
    expect([...STANDINGS]).to.deep.equal(membersOf('IRoundsTypes.sol', 'Standing').map(camelCase))
    expect([...CASE_KINDS]).to.deep.equal(membersOf('ICourt.sol', 'CaseKind').map(camelCase))
    expect([...CASE_VERDICTS]).to.deep.equal(membersOf('ICourt.sol', 'Verdict').map(camelCase))
    expect([...PANEL_STATUSES]).to.deep.equal(membersOf('IJury.sol', 'PanelStatus').map(camelCase))
    expect(OUTCOMES.slice(1)).to.deep.equal(membersOf('IRoundsTypes.sol', 'Outcome').slice(1).map(camelCase))
  })

  it('have the same reasons of a slash', () => {
    const constants = sourceOf('libraries/SlashReasons.sol').matchAll(
      /bytes32 internal constant (\w+) = "([^"]+)";/g,
    )
    const reasons = [...constants].map(([, name = '', word]) => [fromUpperCase(name), word])
    expect(Object.entries(SLASH_REASONS)).to.deep.equal(reasons)
  })
})
