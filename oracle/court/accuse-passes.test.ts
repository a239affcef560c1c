import type { PostRequest } from '@assay/daemon/outbox.ts'
import { openTold } from '@assay/daemon/told.ts'
import { EVIDENCE_MISSING } from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { PassClaim } from '@assay/sdk/verbs/court/accuse-pass.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { expect } from 'chai'
import { getAddress, numberToHex, zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import { accusePasses } from './accuse-passes.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const account = (n: number) => getAddress(numberToHex(n, { size: 20 }))
const [ACCUSED, FALSE] = [word(0xac), word(0xfa)]
const [OWN, CONTRIBUTOR, SEAT] = [account(1), account(3), account(4)]
const BLOCK = {
  number: 9n,
  hash: zeroHash,
  parentHash: zeroHash,
  timestamp: 5_000n,
  baseFeePerGas: 0n,
  reorganised: false,
}

/** A case about a step whose first panel has ended. */
const CASE: CourtCase = {
  caseId: 3n,
  openedBlock: 1n,
  facts: {
    kind: 'falseStep',
    taskId: 1n,
    round: 2,
    subject: 4,
    challenger: account(2),
    bond: 1n,
    defendant: CONTRIBUTOR,
    base: 100n,
    accused: ACCUSED,
    context: zeroHash,
    evidence: word(0xe0),
    committee: 0n,
    committedAt: 0n,
  },
  state: {
    verdict: 'none',
    isClosed: false,
    wasSuspended: false,
    instance: 0,
    readyAt: 0,
    panel: { id: 5n, status: 'ended', drawnAt: 880, endsAt: 1_000, places: [0, 1, 2] },
    panelIds: [5n],
  },
}

const claimOf = (validator: Hash): PassClaim => ({
  validator,
  page: { index: 9n, contributors: [CONTRIBUTOR], commitments: [word(5)] },
  said: {
    statement: { attempt: 0, hasSheets: true, cohorts: [0], words: [5n, 6n], salt: word(4), voteHashes: [] },
    record: {
      baseModelHash: word(1),
      previousBeacon: word(2),
      weights: [1n, 2n, 3n, 4n],
      validators: [validator],
      cohorts: [0],
      resultsHashes: [word(3)],
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
    for (const report of [ACCUSED, zeroHash, EVIDENCE_MISSING])
      expect(await accused({ report }), report).to.deep.equal([])
    const panel = { ...CASE.state.panel!, status: 'revealing' as const }
    const states = [{ panel }, { panel: undefined }, { verdict: 'guilty' as const }]
    for (const state of states)
      expect(await accused({ one: { ...CASE, state: { ...CASE.state, ...state } } })).to.deep.equal([])
    const one = { ...CASE, facts: { ...CASE.facts, kind: 'falseScore' as const } }
    expect(await accused({ one })).to.deep.equal([])
  })

  it('accuses neither itself nor the contributor, nobody twice, and none without a budget', async () => {
    expect(await accused({ claims: [OWN, CONTRIBUTOR] })).to.deep.equal([])
    expect(await accused({ added: 30n })).to.deep.equal([])
    expect(await accused({ budget: 0n })).to.deep.equal([])
  })
})

/** The duties that the oracle posts. */
async function accused({ one = CASE, report = FALSE, added = 0n, claims = [SEAT], budget = 1n }: Scene) {
  const posted: string[] = []
  const answers: Record<string, unknown> = { reportOf: report, baseOf: added }
  const contracts = { court: account(7), jury: account(8), windowAccusations: account(9) }
  const docket = openDocket()
  docket.passes.set(one.caseId, claims.map(claimOf))
  docket.roster = { at: BLOCK.number, roster: { indices: [0], rosterIndex: 0 } }
  const context = {
    account: { address: OWN },
    config: { taskId: 1n, courtBudgetWei: budget },
    docket,
    told: openTold(),
    log: { info: () => undefined, warn: () => undefined },
    reader: {
      deployment: { contracts },
      chain: { readContract: async ({ functionName }: { functionName: string }) => answers[functionName] },
    },
    outbox: {
      post: async ({ duty }: PostRequest) => {
        posted.push(duty)
        return { status: 'sent' }
      },
    },
  } as unknown as OracleContext
  await accusePasses(context, { block: BLOCK, cases: [one] })
  return posted
}
