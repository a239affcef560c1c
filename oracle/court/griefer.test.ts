import type { CaseKind } from '@assay/sdk/protocol/cases.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { concludeCall } from '@assay/sdk/verbs/court/conclude.ts'
import { executeForCall } from '@assay/sdk/verbs/court/execute-for.ts'
import { isAddedDefendant } from '@assay/sdk/verbs/court/read-added-cases.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { settleSeatCall } from '@assay/sdk/verbs/court/settle-seat.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { expect } from 'chai'
import { erc20Abi, numberToHex, parseEther, toFunctionSelector } from 'viem'
import { COURT_TERMS, type TestAccount } from '../../test/e2e/support/chain.ts'
import { type CourtScene, courtForEach, PHASE_SECONDS, valued } from '../fixtures/court-scene.ts'
import { sitInPanels } from './sit.ts'

const ACCUSED = numberToHex(0xac, { size: 32 })
const STAKE = parseEther('500')
const BOND = parseEther('20')
/** 0.2 % of a juror's least stake. */
const FEE = parseEther('2')
const OFFENCE_DECIDED = toFunctionSelector('Court_OffenceDecided(bytes32)')
const KINDS: CaseKind[] = ['falseStep', 'falseScore', 'falseAggregate', 'falseModel']

describe('who accuses the honest', () => {
  let scene: CourtScene
  let griefer: TestAccount
  let accused: TestAccount
  courtForEach(async (started) => {
    scene = started
    ;[griefer, accused] = scene.chain.accounts as [TestAccount, TestAccount]
    const { assayToken: token, stakeRegistry: spender } = scene.chain.deployment.contracts
    await scene.chain.send(griefer, transferCall({ token, to: accused.address, amount: STAKE }))
    await scene.chain.sendAll([
      { account: accused, call: approveCall({ token, spender, amount: STAKE }) },
      { account: accused, call: stakeCall(scene.chain.deployment, { amount: STAKE }) },
    ])
  })

  /** Honest jurors compute what was said. */
  async function judge({ caseId }: CourtCase): Promise<CourtCase> {
    const panel = scene.jurors.map((juror) => scene.oracleOf(juror, () => valued(ACCUSED)))
    for (const wait of [1, 1, 1, PHASE_SECONDS, 1]) {
      const block = await scene.mine(wait)
      for (const oracle of panel) await sitInPanels(oracle, [await scene.read(caseId)], block)
    }
    await scene.mine(PHASE_SECONDS)
    await scene.mine(COURT_TERMS.appealSeconds)
    const one = await scene.read(caseId)
    await scene.chain.send(accused, concludeCall(scene.chain.deployment, one))
    for (const place of one.state.panel!.places)
      await scene.chain.send(accused, settleSeatCall(scene.chain.deployment, { caseId, instance: 0, place }))
    return scene.read(caseId)
  }

  const owed = (account: TestAccount) => readOwed(scene.reader, { account: account.address })
  const supplyNow = () =>
    scene.reader.chain.readContract({
      address: scene.chain.deployment.contracts.assayToken,
      abi: erc20Abi,
      functionName: 'totalSupply',
    })

  for (const kind of KINDS)
    it(`loses its bond in a case of ${kind}: jurors are paid, the rest is burnt, the accused keeps all`, async () => {
      const supply = await supplyNow()
      const opened = await scene.open({ kind, accused: ACCUSED })
      expect(opened.facts.bond).to.equal(BOND)
      const { state } = await judge(opened)
      expect(state).to.include({ verdict: 'acquitted', isClosed: true })
      expect(await Promise.all(scene.jurors.map(owed))).to.deep.equal(scene.jurors.map(() => FEE))
      expect(await owed(griefer)).to.equal(0n)
      expect(supply - (await supplyNow())).to.equal(BOND - 3n * FEE)
      expect((await readStake(scene.reader, { account: accused.address })).free).to.equal(STAKE)
      // The charge is decided for good: neither it nor an accomplice can repeat it.
      const again = await scene.open({ kind, accused: ACCUSED }).catch(String)
      expect(again).to.include(OFFENCE_DECIDED)
    })

  for (const kind of ['falseAggregate', 'falseModel'] as const)
    it(`takes nothing from other voters that it adds to a case of ${kind}`, async () => {
      const other = scene.chain.accounts[2]!
      const { active } = await readStake(scene.reader, { account: other.address })
      const opened = await scene.open({ kind, accused: ACCUSED })
      await scene.add(opened, other)
      expect(
        await isAddedDefendant(scene.reader, { caseId: opened.caseId, account: other.address }),
      ).to.equal(true)
      const { caseId, facts } = await judge(opened)
      await scene.chain.send(
        accused,
        executeForCall(scene.chain.deployment, { caseId, facts, defendant: other.address }),
      )
      expect(await isAddedDefendant(scene.reader, { caseId, account: other.address })).to.equal(false)
      expect((await readStake(scene.reader, { account: other.address })).active).to.equal(active)
    })
})
