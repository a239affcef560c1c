import { openDaemonDatabase } from '@assay/daemon/database.ts'
import type { PostRequest } from '@assay/daemon/outbox.ts'
import { openTold } from '@assay/daemon/told.ts'
import {
  CANNOT_EXECUTE,
  EVIDENCE_MISSING,
  WINDOW_DIFFERS,
  WINDOW_GOOD,
} from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { expect } from 'chai'
import { getAddress, numberToHex, zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import type { OracleContext } from '../oracle-context.ts'
import { keepJuryVote } from '../sign-once.ts'
import { appealVerdicts } from './appeal-verdicts.ts'
import { positionOf } from './committed-vote.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const account = (n: number) => getAddress(numberToHex(n, { size: 20 }))
const [ACCUSED, COMPUTED] = [word(0xac), word(0xc0)]
const OWN = account(1)
const ENDED = 1_000
const APPEAL_SECONDS = 100
const BOND = 40n
/** Of the case itself. */
const OWN_BOND = 20n

/** A case whose first panel has ended. */
const CASE: CourtCase = {
  caseId: 3n,
  openedBlock: 1n,
  facts: {
    kind: 'falseStep',
    taskId: 1n,
    round: 2,
    subject: 4,
    challenger: account(2),
    bond: OWN_BOND,
    defendant: account(3),
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
    panel: { id: 5n, status: 'ended', drawnAt: ENDED - 120, endsAt: ENDED, places: [0, 1, 2] },
    panelIds: [5n],
  },
}
const ofOwn = { ...CASE, facts: { ...CASE.facts, challenger: OWN, parties: [OWN, account(3)] } }
const reading = (one: CourtCase) => ({ ...one, facts: { ...one.facts, kind: 'windowWithheld' as const } })

type Scene = { one?: CourtCase; voted?: Hash; report: Hash; at?: number; budget?: bigint }

describe('an oracle that disagrees with a panel', () => {
  it('appeals as a juror once the parties had half of the time, and not twice', async () => {
    const scene = { voted: COMPUTED, report: ACCUSED }
    expect(await appeals({ ...scene, at: ENDED + 49 })).to.deep.equal([])
    expect(await appeals({ ...scene, at: ENDED + 50 })).to.deep.equal(['court/appeal/3/0'])
    expect(await appeals({ ...scene, at: ENDED + APPEAL_SECONDS })).to.deep.equal([])
  })

  it('appeals at once as the challenger: an acquittal, and that the evidence was missing', async () => {
    for (const report of [ACCUSED, zeroHash, EVIDENCE_MISSING])
      expect(await appeals({ one: ofOwn, report, at: ENDED, budget: OWN_BOND + BOND }), report).to.deep.equal(
        ['court/appeal/3/0'],
      )
  })

  it('appeals a conviction of what it computed itself', async () => {
    const scene = { voted: ACCUSED, report: COMPUTED, at: ENDED + 60 }
    expect(await appeals(scene)).to.deep.equal(['court/appeal/3/0'])
  })

  it('appeals nothing that it agrees with, did not compute, or may not pay', async () => {
    const calm: Scene[] = [
      { voted: COMPUTED, report: COMPUTED },
      { voted: COMPUTED, report: word(0xdd) }, // another false value is guilty, too
      { voted: ACCUSED, report: zeroHash },
      { voted: CANNOT_EXECUTE, report: COMPUTED },
      { voted: EVIDENCE_MISSING, report: COMPUTED },
      { report: COMPUTED },
      { one: ofOwn, report: COMPUTED },
      { voted: COMPUTED, report: ACCUSED, budget: 0n },
      { voted: COMPUTED, report: ACCUSED, budget: BOND - 1n },
      { one: ofOwn, report: ACCUSED, budget: OWN_BOND + BOND - 1n },
    ]
    for (const [i, scene] of calm.entries())
      expect(await appeals({ at: ENDED + 60, ...scene }), String(i)).to.deep.equal([])
  })

  it('appeals for a window that it has read itself, never because it asked for it', async () => {
    const read = (voted: Hash, report: Hash) => appeals({ one: reading(CASE), voted, report, at: ENDED + 60 })
    expect(await read(WINDOW_GOOD, EVIDENCE_MISSING)).to.deep.equal(['court/appeal/3/0'])
    expect(await read(WINDOW_DIFFERS, WINDOW_GOOD)).to.deep.equal(['court/appeal/3/0'])
    expect(await read(EVIDENCE_MISSING, WINDOW_GOOD)).to.deep.equal([])
    for (const report of [WINDOW_GOOD, WINDOW_DIFFERS, zeroHash])
      expect(await appeals({ one: reading(ofOwn), report, at: ENDED + 60 })).to.deep.equal([])
  })

  it('appeals no empty panel, and not the last one', async () => {
    const panel = CASE.state.panel!
    const empty = { ...ofOwn, state: { ...CASE.state, panel: { ...panel, status: 'empty' as const } } }
    const last = { ...ofOwn, state: { ...CASE.state, instance: 1, panelIds: [4n, 5n] } }
    for (const one of [empty, last]) expect(await appeals({ one, report: ACCUSED })).to.deep.equal([])
  })
})

/** The duties that an oracle posts at a time. */
async function appeals({
  one = CASE,
  voted,
  report,
  at = ENDED + 60,
  budget = BOND,
}: Scene): Promise<string[]> {
  const posted: string[] = []
  const db = openDaemonDatabase(':memory:', [])
  if (voted !== undefined)
    keepJuryVote(db, positionOf(one, 5n), { result: voted, witness: zeroHash, salt: zeroHash })
  const answers: Record<string, unknown> = {
    reportOf: report,
    appealBond: BOND,
    appealOf: { appellant: account(9), bond: 1n, against: 0 },
    balanceOf: BOND,
    allowance: BOND,
  }
  const contracts = { assayToken: account(6), court: account(7), jury: account(8) }
  const silent = { info: () => undefined, warn: () => undefined }
  const context = {
    db,
    account: { address: OWN },
    config: { taskId: 1n, courtBudgetWei: budget },
    docket: { ...openDocket(), terms: { appealSeconds: APPEAL_SECONDS, lastInstance: 1 } },
    told: openTold(),
    log: silent,
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
  await appealVerdicts(context, [one], {
    number: 9n,
    hash: zeroHash,
    parentHash: zeroHash,
    timestamp: BigInt(at),
    baseFeePerGas: 0n,
    reorganised: false,
  })
  db.close()
  return posted
}
