import { type CourtScene, courtForEach, PHASE_SECONDS } from '@assay/oracle/fixtures/court-scene.ts'
import { ASSAY } from '@assay/sdk/client/amounts.ts'
import { concludeCall } from '@assay/sdk/verbs/court/conclude.ts'
import { executeForCall } from '@assay/sdk/verbs/court/execute-for.ts'
import { expect } from 'chai'
import { numberToHex, parseEther } from 'viem'
import { COURT_TERMS, type TestAccount } from '../test/e2e/support/chain.ts'
import { casesAgainst } from './case-text.ts'
import { seizedLines } from './court-standing.ts'

describe('what the status says of cases that keep pay', () => {
  let scene: CourtScene
  courtForEach((started) => {
    scene = started
  })

  async function linesOf({ address: defendant }: TestAccount): Promise<string[]> {
    const cases = await casesAgainst(scene.reader, { taskId: 1n, defendant })
    const earnings = { seized: parseEther('5'), cases: cases.length }
    return seizedLines({ earnings, token: ASSAY, cases }).map((line) => line.trim())
  }

  it('names each, also one to which the account was added, until it is over for it, and when that is', async () => {
    const { deployment, accounts } = scene.chain
    const [keeper, accused, added] = accounts as [TestAccount, TestAccount, TestAccount]
    const opened = await scene.open({ kind: 'falseAggregate', accused: numberToHex(0xac, { size: 32 }) })
    await scene.add(opened, added)
    const { caseId, facts } = opened
    const ofAccused = await linesOf(accused)
    expect(ofAccused[0]).to.equal('seized    5 ASSAY: an open case against you keeps it, and what is held')
    expect(ofAccused[1]).to.match(/^case 1: jurors vote until /)
    const before = await linesOf(added)
    expect(before[1]).to.include(`case 1 against ${accused.address}, to which you were added: jurors vote`)
    expect(before[2]).to.match(/^it ends by \d{4}-.* at the latest$/)

    await scene.mine(PHASE_SECONDS)
    await scene.mine(PHASE_SECONDS)
    await scene.mine(COURT_TERMS.appealSeconds)
    await scene.chain.send(keeper, concludeCall(deployment, { caseId, facts }))
    expect(await linesOf(accused)).to.deep.equal([])
    const closed = await linesOf(added)
    expect(closed[1]).to.include('to which you were added: closed: acquitted')
    expect(closed[2]).to.equal(
      `for you it ends with assay case execute 1 --defendant ${added.address}, which anyone can send`,
    )
    const call = executeForCall(deployment, { caseId, facts, defendant: added.address })
    await scene.chain.send(keeper, call)
    expect(await linesOf(added)).to.deep.equal([])
  })
})
