import { iJuryAbi } from '@assay/sdk/generated/IJury.ts'
import { EVIDENCE_MISSING } from '@assay/sdk/protocol/jury-votes.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { expect } from 'chai'
import { type Hex, numberToHex } from 'viem'
import { forgetBranch } from '../docket.ts'
import {
  type CourtScene,
  courtForEach,
  type JurorContext,
  PHASE_SECONDS,
  valued,
} from '../fixtures/court-scene.ts'
import { sitInPanels } from './sit.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const [ACCUSED, OTHER, COMPUTED] = [word(0xac), word(0xad), word(0xc0)]

describe('a juror', () => {
  let scene: CourtScene
  courtForEach((started) => {
    scene = started
  })

  const computes = (context = scene.jurors[0]!) => scene.oracleOf(context, () => valued(COMPUTED))

  /** Looks at one block and votes at the next. */
  async function sit(oracle: JurorContext, { caseId }: CourtCase, seconds?: number): Promise<void> {
    for (const wait of [seconds, undefined]) {
      const block = await scene.mine(wait)
      await oracle.outbox.update(block)
      await sitInPanels(oracle, [await scene.read(caseId)], block)
    }
    await scene.mine()
  }

  async function revealed() {
    const { client, deployment } = scene.chain
    const address = deployment.contracts.jury
    const asked = { address, abi: iJuryAbi, eventName: 'VoteRevealed', fromBlock: 0n, strict: true } as const
    return (await client.getContractEvents(asked)).map(({ args }) => args.result)
  }

  it('reveals what it committed to, though it computes something else by then', async () => {
    const one = await scene.open({ accused: ACCUSED })
    let value = COMPUTED
    const oracle = scene.oracleOf(scene.jurors[0]!, () => valued(value))
    await sit(oracle, one)
    value = OTHER
    await sit(oracle, one, PHASE_SECONDS)
    expect(await revealed()).to.deep.equal([COMPUTED])
  })

  it('reveals its vote though its database was lost: the same value, witness and salt come out again', async () => {
    const one = await scene.open({ accused: ACCUSED })
    await sit(computes(), one)
    await sit(computes(), one, PHASE_SECONDS)
    expect(await revealed()).to.deep.equal([COMPUTED])
  })

  it('and where it committed to a vote without a value, which nothing computes again', async () => {
    const one = await scene.open({ accused: ACCUSED })
    await sit(
      scene.oracleOf(scene.jurors[0]!, () => 'missing'),
      one,
    )
    // With the new database it decides anew, and the chain refuses that.
    const again = computes()
    await sit(again, one)
    await sit(again, one, PHASE_SECONDS)
    expect(await revealed()).to.deep.equal([EVIDENCE_MISSING])
  })

  it('is silent, and says why, if it comes to something else than the lost database held', async () => {
    const one = await scene.open({ accused: ACCUSED })
    await sit(computes(), one)
    const other = scene.oracleOf(scene.jurors[0]!, () => valued(OTHER))
    await sit(other, one, PHASE_SECONDS)
    expect(await revealed()).to.deep.equal([])
    expect(other.errors).to.have.length(1)
    expect(other.errors[0]).to.include('computed again it is another one')
  })

  it('reveals nothing to a panel whose case is another one after a reorganisation', async () => {
    const [before] = [await scene.chain.snapshot()]
    const old = await scene.open({ accused: ACCUSED })
    const oracle = computes()
    await sit(oracle, old)
    const raw = await commitmentOf(oracle)

    await scene.chain.revert(before)
    const now = await scene.open({ accused: OTHER, round: 2 })
    expect([now.caseId, now.state.panel!.id]).to.deep.equal([old.caseId, old.state.panel!.id])
    // The old commitment gets into the new branch, too: it names the panel, not the case.
    await scene.chain.client.sendRawTransaction({ serializedTransaction: raw })
    await scene.mine(1, true)
    forgetBranch(oracle.docket)
    const block = await scene.mine(PHASE_SECONDS)
    const state = (await scene.read(now.caseId)).state
    // A node may still give the events of the old branch.
    await sitInPanels(oracle, [{ ...now, facts: old.facts, state }], block)
    await scene.mine()
    await sit(oracle, now)
    expect(await revealed()).to.deep.equal([])
    expect(oracle.errors[0]).to.include('the case has changed in a reorganisation')
  })

  it('forgets what it computed of a case that a reorganisation replaced by another', async () => {
    const before = await scene.chain.snapshot()
    const old = await scene.open({ accused: ACCUSED })
    const oracle = scene.oracleOf(scene.jurors[0]!, ({ accused }) =>
      valued(accused === OTHER ? OTHER : COMPUTED),
    )
    await sitInPanels(oracle, [old], await scene.mine())
    await scene.chain.revert(before)
    forgetBranch(oracle.docket)
    const now = await scene.open({ accused: OTHER, round: 2 })
    await sit(oracle, now)
    await sit(oracle, now, PHASE_SECONDS)
    expect(await revealed()).to.deep.equal([OTHER])
  })

  /** The signed transaction of the only duty so far. */
  async function commitmentOf({ db }: JurorContext): Promise<Hex> {
    const { raw } = db.prepare('SELECT raw FROM transactions').get() as { raw: Hex }
    return raw
  }
})
