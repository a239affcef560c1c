import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sitInPanels } from '@assay/oracle/court/sit.ts'
import {
  type CourtScene,
  PHASE_SECONDS,
  startCourtScene,
  valued,
} from '@assay/oracle/fixtures/court-scene.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { votePollCall } from '@assay/sdk/verbs/court/vote-poll.ts'
import { expect } from 'chai'
import { type Address, type Hex, numberToHex } from 'viem'
import { COURT_TERMS, type TestAccount } from './support/chain.ts'
import { runAt, startCliRunner } from './support/cli-runner.ts'

const word = (n: number) => numberToHex(n, { size: 32 })
const [ACCUSED, COMPUTED] = [word(0xac), word(0xc0)]

/** What the command line does about a verdict that the guardian has suspended. */
describe('jurors by hand, about a suspended verdict', () => {
  let scene: CourtScene
  let dir: string
  const cli = startCliRunner()

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-poll-'))
    scene = await startCourtScene()
    const opened = await scene.open({ accused: ACCUSED })
    const { caseId } = opened
    await scene.add(opened, scene.chain.accounts[0]!)
    const panel = scene.jurors.map((juror) => scene.oracleOf(juror, () => valued(COMPUTED)))
    for (const wait of [1, 1, 1, PHASE_SECONDS, 1]) {
      const block = await scene.mine(wait)
      for (const oracle of panel) await sitInPanels(oracle, [await scene.read(caseId)], block)
    }
    await scene.mine(PHASE_SECONDS)
    await scene.convict(caseId)
    await scene.chain.client.setAutomine(true)
  })
  after(async () => {
    cli.end()
    await scene?.stop()
    await rm(dir, { recursive: true })
  })

  /** Runs a verb as the first juror: each key takes a process of its own. */
  const assay = (...args: string[]) => runAt(cli, { chain: scene.chain, dir }, args, scene.jurors[0]!)

  it('see how it stands, vote once each, and have the case end as they decided', async () => {
    const [, second, third] = scene.jurors as [TestAccount, TestAccount, TestAccount]
    const { deployment } = scene.chain
    await suspendByHand()
    expect((await assay('case', 'show', '1')).stdout).to.include(
      '0 % of all weight wants it carried out, 0 % annulled',
    )
    const { code, stdout, stderr } = await assay('case', 'poll', '1', '--annul', '--json')
    expect(code, stderr).to.equal(0)
    expect(JSON.parse(stdout)).to.include({ caseId: '1', isForExecution: false })
    expect(stderr).to.include('Vote that the suspended verdict of case 1 be annulled')
    expect((await assay('case', 'poll', '1', '--annul')).stderr).to.include('has voted about case 1.')

    const stranger = ['--unsigned', '--account', scene.chain.accounts[0]!.address]
    expect((await assay('case', 'poll', '1', '--annul', ...stranger)).stderr).to.include('was no juror when')
    const by = ['--unsigned', '--account', third.address, '--json']
    const printed = await assay('case', 'poll', '1', '--execute', ...by)
    expect(printed.code, printed.stderr).to.equal(0)
    const called = JSON.parse(printed.stdout).calls.map(({ to }: { to: string }) => to)
    expect(called).to.deep.equal([deployment.contracts.jury])
    const { place } = (await readJuror(scene.reader, { account: second.address }))!
    const call = votePollCall(deployment, { caseId: 1n, place: place!, isForExecution: false })
    await scene.chain.send(second, call)

    const annulled = (await assay('case', 'show', '1')).stdout
    expect(annulled).to.include('66 % annulled').and.include('assay case annul 1')
    expect((await assay('case', 'execute', '1')).stderr).to.include('All jurors have annulled the verdict')
    const ended = await assay('case', 'annul', '1', '--json')
    expect(ended.code, ended.stderr).to.equal(0)
    expect((await scene.read(1n)).state).to.include({ isClosed: true, verdict: 'annulled' })

    const { address } = scene.chain.accounts[0]!
    const restored = await assay('case', 'execute', '1', '--defendant', address)
    expect(restored.code, restored.stderr).to.equal(0)
    expect(restored.stderr).to.include('closed: annulled')
    expect(restored.stdout).to.include(`${address} loses nothing: the case did not end guilty`)
  })

  /** The guardian suspends the verdict with a call that the command line prints; nobody else can, and it can't twice. */
  async function suspendByHand(): Promise<void> {
    const { guardian } = COURT_TERMS
    const refused = await assay('case', 'suspend', '1')
    expect(refused.stderr).to.include('Nobody can suspend a verdict in this deployment')
    expect(refused.code).to.equal(1)
    const by = ['case', 'suspend', '1', '--unsigned', '--account', guardian, '--json']
    const printed = await assay(...by)
    expect(printed.code, printed.stderr).to.equal(0)
    const calls: { to: Address; data: Hex }[] = JSON.parse(printed.stdout).calls
    for (const call of calls) await scene.chain.send({ address: guardian }, call)
    expect((await assay(...by)).stderr).to.include('The verdict of case 1 was suspended before.')
  }

  it('are told what is no vote', async () => {
    const wrong: [string[], number, string][] = [
      [['poll', '1'], 2, 'Give either --execute or --annul.'],
      [['poll', '1', '--execute', '--annul'], 2, 'Give either --execute or --annul.'],
      [['poll', 'one', '--annul'], 2, 'The case "one" is not a whole number'],
      [['poll', '9', '--annul'], 1, 'There is no case 9'],
      [['poll', '1', '--annul'], 1, 'it has no verdict that is suspended'],
      [['annul', '1'], 1, 'Case 1 has no verdict of guilty.'],
      [['suspend', '1'], 1, 'Case 1 has no verdict of guilty.'],
      [['suspend', '9'], 1, 'There is no case 9'],
    ]
    for (const [args, code, sentence] of wrong) {
      const reply = await assay('case', ...args)
      expect(reply.stderr, args.join(' ')).to.include(sentence)
      expect(reply.code, args.join(' ')).to.equal(code)
    }
  })
})
