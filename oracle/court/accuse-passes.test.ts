import { EVIDENCE_MISSING } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { PassClaim } from '@assay/sdk/verbs/court/accuse-pass.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { addressOf, blockAt, loneOracle, OWN, STEP_CASE, wordOf } from '../fixtures/lone-oracle.ts'
import { accusePasses } from './accuse-passes.ts'

const FALSE = wordOf(0xfa)
const [CONTRIBUTOR, SEAT] = [STEP_CASE.facts.defendant, addressOf(4)]

const claimOf = (validator: Hash): PassClaim => ({
  validator,
  page: { index: 9n, contributors: [CONTRIBUTOR], commitments: [wordOf(5)] },
  said: {
    statement: {
      attempt: 0,
      hasSheets: true,
      cohorts: [0],
      words: [5n, 6n],
      salt: wordOf(4),
      voteHashes: [],
    },
    record: {
      baseModelHash: wordOf(1),
      previousBeacon: wordOf(2),
      weights: [1n, 2n, 3n, 4n],
      validators: [validator],
      cohorts: [0],
      resultsHashes: [wordOf(3)],
    },
    index: 0n,
    member: 7n,
  },
  drawn: 0,
})

type Scene = { one?: CourtCase; report?: Hash; added?: bigint; claims?: Hash[]; budget?: bigint }

describe('an oracle and who claims to have replayed a false window', () => {
  it('accuses it in the case about the step, once a panel found the window false', async () => {
    expect(await accused({})).to.deep.equal([`court/pass/3/${SEAT.toLowerCase()}`])
  })

  it('lets it be while no panel has found that, and after the verdict', async () => {
    for (const report of [STEP_CASE.facts.accused, zeroHash, EVIDENCE_MISSING])
      expect(await accused({ report }), report).to.deep.equal([])
    const panel = { ...STEP_CASE.state.panel!, status: 'revealing' as const }
    const states = [{ panel }, { panel: undefined }, { verdict: 'guilty' as const }]
    for (const state of states)
      expect(await accused({ one: { ...STEP_CASE, state: { ...STEP_CASE.state, ...state } } })).to.deep.equal(
        [],
      )
    const one = { ...STEP_CASE, facts: { ...STEP_CASE.facts, kind: 'falseScore' as const } }
    expect(await accused({ one })).to.deep.equal([])
  })

  it('accuses neither itself nor the contributor, nobody twice, and none without a budget', async () => {
    expect(await accused({ claims: [OWN, CONTRIBUTOR] })).to.deep.equal([])
    expect(await accused({ added: 30n })).to.deep.equal([])
    expect(await accused({ budget: 0n })).to.deep.equal([])
  })
})

/** The duties that the oracle posts. */
async function accused({
  one = STEP_CASE,
  report = FALSE,
  added = 0n,
  claims = [SEAT],
  budget = 1n,
}: Scene): Promise<string[]> {
  const answers = { reportOf: report, baseOf: added }
  const { context, posted } = loneOracle(answers, { courtBudgetWei: budget })
  const block = blockAt(5_000)
  context.docket.passes.set(one.caseId, claims.map(claimOf))
  context.docket.roster = { at: block.number, roster: { indices: [0], rosterIndex: 0 } }
  await accusePasses(context, { block, cases: [one] })
  return posted
}
