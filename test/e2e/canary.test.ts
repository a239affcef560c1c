import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { assignCohorts } from '@assay/sdk/protocol/cohorts.ts'
import { failedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { packSheet, type ScoreEntry, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { transfer } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { readUnopenable } from '@assay/sdk/verbs/canaries/read-unopenable.ts'
import { closeSubmissions } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { finalizeRound } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { openRound } from '@assay/sdk/verbs/rounds/open-round.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { ready } from '@assay/sdk/verbs/rounds/ready.ts'
import { seal } from '@assay/sdk/verbs/rounds/seal.ts'
import { settle } from '@assay/sdk/verbs/rounds/settle.ts'
import { submit } from '@assay/sdk/verbs/rounds/submit.ts'
import { stake } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { createTask } from '@assay/sdk/verbs/tasks/create-task.ts'
import { enrol } from '@assay/sdk/verbs/tasks/enrol.ts'
import { fundTask } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { joinValidators } from '@assay/sdk/verbs/tasks/join-validators.ts'
import { expect } from 'chai'
import { type Address, keccak256, parseEther, toHex } from 'viem'
import type { TestAccount } from './support/chain.ts'
import { runAt, startCliRunner } from './support/cli-runner.ts'
import {
  commitAndReveal,
  done,
  PHASE_SECONDS,
  POOL,
  scoreAll,
  startVerbsScene,
  taskParamsOf,
  type VerbsScene,
} from './support/verbs-scene.ts'
import { accuseWithEmptyStore } from './support/withheld.ts'

const taskId = 1n
const SCORED = scoreEntry({ quality: 5_000, rarity: 2_000, windows: 1 })

describe('canaries', () => {
  let scene: VerbsScene
  let dir: string
  /** Of the one that owns canaries, and of contributors whose submissions they are. */
  let [planter, useless, unopenable]: TestAccount[] = []
  /** Seats by place; the last one scores without looking. */
  let seats: Address[] = []
  const cli = startCliRunner()

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-canary-'))
    scene = await startVerbsScene(3)
    ;[planter, useless, unopenable] = scene.chain.accounts.slice(-3) as [
      TestAccount,
      TestAccount,
      TestAccount,
    ]
    await peopleTask(scene)
  })
  after(async () => {
    cli.end()
    await scene?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  /** What is due of a canary, by its number. */
  async function dueOf(canaryId: number) {
    const { canaries } = await data(['canary', 'show', '1'])
    return canaries[canaryId - 1].due
  }

  const fileOf = (name: string) => ['--file', join(dir, `${name}.json`)]

  const assay = (args: string[], account = planter!) =>
    runAt(cli, { chain: scene.chain, dir }, [...args, '--json'], account)

  async function data(args: string[], account?: TestAccount) {
    const { code, stdout, stderr } = await assay(args, account)
    expect(code, stderr).to.equal(0)
    return { ...JSON.parse(stdout), stderr }
  }

  async function refused(args: string[], account?: TestAccount) {
    const { code, stdout, stderr } = await assay(args, account)
    return { code, name: JSON.parse(stdout).error.name, told: stderr }
  }

  const commit = (name: string, round: number, contributor: Address, answer: string) => [
    ...['canary', 'commit', '1', '--round', String(round)],
    ...['--contributor', contributor, '--answer', answer, ...fileOf(name)],
  ]

  it('are committed to with a bond, from the command line, which keeps what they hide', async () => {
    const first = await data(commit('useless', 1, useless!.address, 'useless'))
    expect(first).to.include({ canaryId: '1', taskId: '1', round: 1, bond: String(parseEther('10')) })
    expect(first.stderr).to.include('10 ASSAY  from your wallet  to the canaries, as your bond')
    expect(await data(commit('unopenable', 1, unopenable!.address, 'unopenable'))).to.include({
      canaryId: '2',
    })

    const again = await refused(commit('useless', 1, useless!.address, 'useless'))
    expect([again.code, again.told]).to.deep.equal([
      1,
      `${join(dir, 'useless.json')} is committed to already, as canary 1.\nNothing is left to do until all cohorts of its round are done.\n`,
    ])
    const other = await refused(commit('useless', 1, useless!.address, 'helps'))
    expect(other.told).to.include('holds another canary: of round 1 of task 1')
    const nowhere = await refused(['canary', 'show', '9'])
    expect([nowhere.code, nowhere.told.split('\n')[0]]).to.deep.equal([1, 'There is no task 9.'])
    const early = await refused(['canary', 'open', ...fileOf('useless')])
    expect([early.code, early.told]).to.deep.equal([
      75,
      'Round 1 of task 1 has not opened yet.\nOpen the canary once all cohorts are done: see assay status.\n',
    ])
    const calls = await data([
      ...commit('elsewhere', 2, useless!.address, '100-5000'),
      ...['--unsigned', '--account', useless!.address],
    ])
    const { assayToken, canaries } = scene.chain.deployment.contracts
    expect(calls.calls.map(({ to }: { to: string }) => to)).to.deep.equal([assayToken, canaries])
  })

  it('come back before their round opens', async () => {
    await data(commit('withdrawn', 1, useless!.address, 'helps'))
    expect(await data(['canary', 'withdraw', ...fileOf('withdrawn')])).to.include({ canaryId: '3' })
    await data(commit('forgotten', 1, useless!.address, 'helps'))
    expect(await dueOf(4)).to.deep.equal({ stage: 'ahead' })
  })

  it('are submitted like any other, those without an opening by a verb of their own', async () => {
    await done(openRound(scene.owner, { taskId }))
    const wrongKey = await refused(['canary', 'submit', ...fileOf('unopenable')], useless)
    expect([wrongKey.code, wrongKey.told.split('\n')[0]]).to.deep.equal([
      2,
      `This key is of ${useless!.address}, but the canary's contributor is ${unopenable!.address}.`,
    ])
    const trained = await refused(['canary', 'submit', ...fileOf('useless')], useless)
    expect(trained.told).to.include('has an opening: seats should say that it does not help: quality 0')
    const sent = await data(['canary', 'submit', ...fileOf('unopenable')], unopenable)
    for (const client of scene.contributors.filter((one) => addressOf(one) !== unopenable!.address)) {
      await done(submit(client, { taskId, commitment: keccak256(addressOf(client)) }))
    }
    const submissions = await readSubmissions(scene.owner, { taskId })
    expect(submissions[0]).to.deep.include({ contributor: unopenable!.address, commitment: sent.commitment })
    const late = await refused(['canary', 'submit', ...fileOf('unopenable')], unopenable)
    expect(late.name).to.equal('Rounds_AlreadySubmitted')
  })

  it('are opened once all cohorts are done, unpaid, and say which seat was wrong', async () => {
    expect(await dueOf(1)).to.deep.equal({ stage: 'running' })
    seats = await playToVotes(scene, [unopenable!.address, planter!.address])
    expect(await dueOf(1)).to.deep.equal({ stage: 'due' })
    const wrongKey = await refused(['canary', 'open', ...fileOf('useless')], useless)
    expect([wrongKey.code, wrongKey.told.split('\n')[0]]).to.deep.equal([
      2,
      `This key is of ${useless!.address}, but the canary's owner is ${planter!.address}.`,
    ])
    const opened = await data(['canary', 'open', ...fileOf('useless')])
    expect(opened).to.include({ canaryId: '1', contributor: useless!.address })
    expect(BigInt(opened.pay) > 0n).to.equal(true)
    expect(opened.stderr)
      .to.include(`to the task's owner ${scene.chain.accounts[0]!.address}`)
      .and.include('10 ASSAY  from the canaries  to your wallet')
    expect(await data(['canary', 'open', ...fileOf('unopenable')])).to.include({ canaryId: '2', pay: '0' })

    const judged = await data(['canary', 'judge', '1', '--canary', '2'])
    const rightOf = (list: { validator: Address; isRight: boolean }[]) =>
      seats.map((seat) => list.find(({ validator }) => validator === seat)?.isRight)
    expect(rightOf(judged.seats)).to.deep.equal([true, true, false])
    expect(rightOf((await data(['canary', 'judge', '1', '--canary', '1'])).seats)).to.deep.equal([
      false,
      false,
      false,
    ])
    const again = await refused(['canary', 'judge', '1', '--canary', '2'])
    expect(again.told).to.include('Nothing is left to book of canary 2: 3 seats revealed their scores.')
    const unknown = await refused(['canary', 'judge', '1', '--canary', '9'])
    expect(unknown.told).to.include('Task 1 has no canary 9.')
  })

  it('are shown with the accuracies that follow from them', async () => {
    const shown = await data(['canary', 'show', '1'])
    expect(shown.canaries.map(({ status }: { status: string }) => status)).to.deep.equal([
      'opened',
      'opened',
      'withdrawn',
      'committed',
    ])
    expect(shown.canaries[1].opened).to.deep.include({ contributor: unopenable!.address, submission: 0 })
    const byOwner = await data(['canary', 'show', '1', '--owner', planter!.address])
    const of = ({ accuracies }: { accuracies: { validator: Address; right: number; judged: number }[] }) =>
      seats.map((seat) => accuracies.find(({ validator }) => validator === seat)?.right)
    expect(of(shown)).to.deep.equal([1, 1, 0])
    expect(of(byOwner)).to.deep.equal([0, 0, 0])
  })

  it('that have no opening are accused of withholding none, not by an oracle either', async () => {
    await scene.chain.mine(2 * PHASE_SECONDS)
    await done(finalizeRound(scene.owner, { taskId }))
    const of = { taskId, round: 1 }
    const unopenables = [unopenable!, useless!].map(({ address: contributor }) =>
      readUnopenable(scene.owner, { ...of, contributor }),
    )
    expect(await Promise.all(unopenables)).to.deep.equal([true, false])
    const accuse = ['case', 'open', '1', '--round', '1', '--withheld', unopenable!.address]
    const accused = await refused(accuse)
    expect(accused).to.include({ code: 1, name: 'Court_OffenceDecided' })

    const place = { chain: scene.chain, reader: scene.owner, taskId }
    const posted = await accuseWithEmptyStore(place, scene.chain.accounts[1]!)
    const [exempt, withheld] = [unopenable!, planter!].map(({ address }) => address.toLowerCase())
    expect(posted).to.include(`court/accuse/${withheld}`)
    expect(posted.filter((duty) => duty.includes(exempt!))).to.deep.equal([])
  })

  it('that nobody opens are burnt by anybody, once their round is final', async () => {
    const { stage, finalAt } = await dueOf(4)
    expect([stage, typeof finalAt]).to.deep.equal(['due', 'number'])
    const early = await refused(['canary', 'burn', '4'])
    expect(early).to.include({ code: 1, name: 'Canaries_NotExpired' })
    await scene.chain.mine(PHASE_SECONDS)
    expect(await dueOf(4)).to.deep.equal({ stage: 'expired' })
    const late = await refused(['canary', 'open', ...fileOf('forgotten')])
    expect(late).to.include({ code: 1, name: 'Canaries_TooLate' })
    const burnt = await data(['canary', 'burn', '4'], useless)
    expect(burnt).to.include({ canaryId: '4', owner: planter!.address, bond: String(parseEther('10')) })
    expect(burnt.stderr).to.include(`ASSAY  from the bond of ${planter!.address}  to nobody: it is burnt`)
  })
})

const addressOf = ({ wallet }: AssayClient) => wallet.account.address

/** A funded task with all its people. */
async function peopleTask(scene: VerbsScene): Promise<void> {
  const amount = parseEther('1000')
  const token = scene.chain.deployment.contracts.assayToken
  for (const client of [...scene.validators, ...scene.contributors]) {
    await done(transfer(scene.owner, { token, to: addressOf(client), amount }))
    await done(stake(client, { amount: amount / 2n }))
  }
  await done(createTask(scene.owner, { params: taskParamsOf(scene) }))
  await done(fundTask(scene.owner, { taskId, amount: parseEther('1') }))
  for (const [i, client] of scene.contributors.entries()) {
    await done(enrol(client, { taskId, sampleRoot: keccak256(toHex(i)), dataUnits: 100 }))
  }
  for (const [i, client] of scene.validators.entries()) {
    await done(
      joinValidators(client, { taskId, amount: parseEther('100'), encryptionKey: toHex(i, { size: 64 }) }),
    )
    await done(ready(client, { taskId, poolRoot: POOL }))
  }
}

/** Seals the round and has all seats score everybody; but for the last one they find who has no opening. @returns the seats */
async function playToVotes(scene: VerbsScene, withoutOpening: readonly Address[]): Promise<Address[]> {
  const { owner, chain } = scene
  await chain.mine(PHASE_SECONDS)
  await done(closeSubmissions(owner, { taskId }))
  await chain.mine()
  await chain.mine()
  await done(seal(owner, { taskId }))
  const submissions = await readSubmissions(owner, { taskId })
  const { beacon } = await readRound(owner, { taskId })
  const [members] = assignCohorts({ beacon: beacon!, count: submissions.length })
  const contributors = members!.map((index) => submissions[index]!.contributor)
  const sheets = await scoreAll(scene, taskId)
  const scored = sheets.map((sheet, at) => {
    const entryOf = (who: Address): ScoreEntry =>
      withoutOpening.includes(who) && at < sheets.length - 1 ? failedEntry('S0') : SCORED
    const entries = [contributors.map(entryOf)]
    return { ...sheet, entries, words: entries.flatMap(packSheet) }
  })
  await commitAndReveal(scene, taskId, scored)
  await done(settle(owner, { taskId, cohorts: [0], contributors }))
  return scored.map(({ client }) => addressOf(client))
}
