import { openDaemonDatabase } from '@assay/daemon/database.ts'
import {
  CANNOT_EXECUTE,
  EVIDENCE_MISSING,
  WINDOW_DIFFERS,
  WINDOW_GOOD,
} from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import type { CourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { openDocket } from '../docket.ts'
import {
  addressOf,
  blockAt,
  loneOracle,
  OWN,
  PANEL_ENDED,
  STEP_CASE,
  wordOf,
} from '../fixtures/lone-oracle.ts'
import { keepJuryVote } from '../sign-once.ts'
import { appealVerdicts } from './appeal-verdicts.ts'
import { positionOf } from './committed-vote.ts'

const COMPUTED = wordOf(0xc0)
const { accused: ACCUSED, bond: OWN_BOND } = STEP_CASE.facts
const ENDED = PANEL_ENDED
const APPEAL_SECONDS = 100
const BOND = 40n
const ofOwn = {
  ...STEP_CASE,
  facts: { ...STEP_CASE.facts, challenger: OWN, parties: [OWN, STEP_CASE.facts.defendant] },
}
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

  it('appeals another value than its own that convicts, too: the jurors that are right would be punished', async () => {
    expect(await appeals({ voted: COMPUTED, report: wordOf(0xdd) })).to.deep.equal(['court/appeal/3/0'])
  })

  it('appeals nothing that it agrees with, did not compute, or may not pay', async () => {
    const calm: Scene[] = [
      { voted: COMPUTED, report: COMPUTED },
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
    const read = (voted: Hash, report: Hash) =>
      appeals({ one: reading(STEP_CASE), voted, report, at: ENDED + 60 })
    expect(await read(WINDOW_GOOD, EVIDENCE_MISSING)).to.deep.equal(['court/appeal/3/0'])
    expect(await read(WINDOW_DIFFERS, WINDOW_GOOD)).to.deep.equal(['court/appeal/3/0'])
    expect(await read(EVIDENCE_MISSING, WINDOW_GOOD)).to.deep.equal([])
    for (const report of [WINDOW_GOOD, WINDOW_DIFFERS, zeroHash])
      expect(await appeals({ one: reading(ofOwn), report, at: ENDED + 60 })).to.deep.equal([])
  })

  it('appeals no empty panel, and not the last one', async () => {
    const panel = STEP_CASE.state.panel!
    const empty = { ...ofOwn, state: { ...STEP_CASE.state, panel: { ...panel, status: 'empty' as const } } }
    const last = { ...ofOwn, state: { ...STEP_CASE.state, instance: 1, panelIds: [4n, 5n] } }
    for (const one of [empty, last]) expect(await appeals({ one, report: ACCUSED })).to.deep.equal([])
  })
})

/** The duties that an oracle posts at a time. */
async function appeals({
  one = STEP_CASE,
  voted,
  report,
  at = ENDED + 60,
  budget = BOND,
}: Scene): Promise<string[]> {
  const db = openDaemonDatabase(':memory:', [])
  if (voted !== undefined)
    keepJuryVote(db, positionOf(one, 5n), { result: voted, witness: zeroHash, salt: zeroHash })
  const answers = {
    reportOf: report,
    appealBond: BOND,
    appealOf: { appellant: addressOf(9), bond: 1n, against: 0 },
    balanceOf: BOND,
    allowance: BOND,
  }
  const terms = { appealSeconds: APPEAL_SECONDS, lastInstance: 1 } as CourtTerms
  const docket = { ...openDocket(), terms }
  const { context, posted } = loneOracle(answers, { db, docket, courtBudgetWei: budget })
  await appealVerdicts(context, [one], blockAt(at))
  db.close()
  return posted
}
