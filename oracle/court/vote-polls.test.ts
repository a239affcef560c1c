import { type CaseKind, pollDecision } from '@assay/sdk/protocol/cases.ts'
import { WINDOW_GOOD } from '@assay/sdk/protocol/jury-votes.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { expect } from 'chai'
import { numberToHex } from 'viem'
import {
  type CourtScene,
  courtForEach,
  type JurorContext,
  PHASE_SECONDS,
  valued,
} from '../fixtures/court-scene.ts'
import { keepPollVote } from '../sign-once.ts'
import { endCases } from './attend.ts'
import { positionOf } from './committed-vote.ts'
import type { Recomputed } from './recompute/recompute.ts'
import { sitInPanels } from './sit.ts'
import { votePolls } from './vote-polls.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const [ACCUSED, COMPUTED] = [word(0xac), word(0xc0)]

describe('jurors, when the guardian has suspended a verdict', () => {
  let scene: CourtScene
  courtForEach((started) => {
    scene = started
  })

  /** Oracles of the three jurors. @param finds what each computes */
  const oraclesThat = (...finds: Recomputed[]) =>
    finds.map((found, i) => scene.oracleOf(scene.jurors[i]!, () => found))

  /** A case in which a panel of all three convicts, and its suspended verdict. */
  async function suspended(
    panel = oraclesThat(...scene.jurors.map(() => valued(COMPUTED))),
    kind: CaseKind = 'falseStep',
  ): Promise<CourtCase> {
    const { caseId } = await scene.open({ kind, accused: ACCUSED })
    for (const wait of [1, 1, 1, PHASE_SECONDS, 1]) {
      const block = await scene.mine(wait)
      for (const oracle of panel) {
        await oracle.outbox.update(block)
        await sitInPanels(oracle, [await scene.read(caseId)], block)
      }
    }
    await scene.mine(PHASE_SECONDS)
    return scene.convictAndSuspend(caseId)
  }

  async function vote(oracles: readonly JurorContext[], { caseId }: CourtCase): Promise<void> {
    for (let times = 0; times < 3; times++) {
      const block = await scene.mine()
      for (const oracle of oracles) {
        await oracle.outbox.update(block)
        await votePolls(oracle, [await scene.read(caseId)], block)
      }
    }
    await scene.mine()
  }

  /** Ends the case in an oracle's turn, if it is due. */
  async function end(oracle: JurorContext, { caseId }: CourtCase): Promise<CourtCase> {
    const block = await scene.mine()
    oracle.docket.roster = { at: block.number, roster: { indices: [0], rosterIndex: 0 } }
    await endCases(oracle, [await scene.read(caseId)], block)
    await scene.mine()
    return scene.read(caseId)
  }

  const weights = async ({ caseId }: CourtCase) => (await scene.read(caseId)).state.poll!

  it('have it carried out at once if they come to another value than the accused one', async () => {
    const one = await suspended()
    const oracles = oraclesThat(valued(COMPUTED), valued(COMPUTED), 'missing')
    expect((await end(oracles[0]!, one)).state.isClosed, 'before the vote').to.equal(false)
    await vote(oracles, one)
    const poll = await weights(one)
    expect(poll).to.include({ weightFor: 512, weightAgainst: 0, totalWeight: 768 })
    expect(pollDecision(poll)).to.equal('execute')
    const { state } = await end(oracles[2]!, one)
    expect(state).to.include({ isClosed: true, verdict: 'guilty' })
    const { timestamp } = await scene.chain.client.getBlock()
    expect(Number(timestamp)).to.be.below(one.state.readyAt)
  })

  it('annul it if they come to the accused value: nobody loses anything', async () => {
    const one = await suspended()
    const oracles = oraclesThat(valued(ACCUSED), valued(ACCUSED), 'cannot')
    await vote(oracles, one)
    expect(await weights(one)).to.include({ weightFor: 0, weightAgainst: 512 })
    const { facts, state } = await end(oracles[2]!, one)
    expect(state).to.include({ isClosed: true, verdict: 'annulled' })
    expect(await readOwed(scene.reader, { account: facts.challenger })).to.equal(facts.bond)
  })

  it('decide nothing where a half disagrees or says nothing: then the time decides', async () => {
    const one = await suspended()
    const oracles = oraclesThat(valued(ACCUSED), valued(COMPUTED), 'missing')
    await vote(oracles, one)
    expect(pollDecision(await weights(one))).to.equal(undefined)
    expect((await end(oracles[0]!, one)).state.isClosed).to.equal(false)
    await scene.mine(one.state.readyAt)
    expect((await end(oracles[0]!, one)).state).to.include({ isClosed: true, verdict: 'guilty' })
  })

  it('vote as their database says, whatever they compute later, and once', async () => {
    const one = await suspended()
    const [oracle] = oraclesThat(valued(ACCUSED)) as [JurorContext]
    const { question } = positionOf(one, one.state.panel!.id)
    keepPollVote(oracle.db, { caseId: one.caseId, question }, true)
    await vote([oracle], one)
    expect(await weights(one)).to.include({ weightFor: 256, weightAgainst: 0 })
    const again = oraclesThat(valued(ACCUSED))
    await vote(again, one)
    expect(again[0]!.outbox.pendingCount()).to.equal(0)
    expect(await weights(one)).to.include({ weightFor: 256, weightAgainst: 0 })
  })

  it('by what they computed as jurors of the panel, without computing it again', async () => {
    const oracles = oraclesThat(...scene.jurors.map(() => valued(COMPUTED)))
    const one = await suspended(oracles)
    for (const { docket } of oracles)
      docket.polls.begin = () => {
        throw new Error('it has voted in the panel: there is nothing to compute')
      }
    await vote(oracles, one)
    expect(await weights(one)).to.include({ weightFor: 768 })
  })

  it('about a window, only where they got it as its readers: nobody else has seen whether it was withheld', async () => {
    const readers = oraclesThat(valued(WINDOW_GOOD), 'missing', 'missing')
    const one = await suspended(readers, 'windowWithheld')
    await vote(
      [...readers.slice(0, 2), ...oraclesThat('cannot', 'cannot', valued(WINDOW_GOOD)).slice(2)],
      one,
    )
    expect(await weights(one)).to.include({ weightFor: 0, weightAgainst: 256, totalWeight: 768 })
  })
})
