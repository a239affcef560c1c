import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { finalizeRoundCall } from '@assay/sdk/verbs/rounds/finalize-round.ts'
import { voidCohortCall } from '@assay/sdk/verbs/rounds/void-cohort.ts'
import { closeTaskCall } from '@assay/sdk/verbs/tasks/close-task.ts'
import { leaveValidatorsCall } from '@assay/sdk/verbs/tasks/leave-validators.ts'
import { releaseValidatorCall } from '@assay/sdk/verbs/tasks/release-validator.ts'
import { expect } from 'chai'
import type { TestAccount } from './support/chain.ts'
import { runAt, startCliRunner } from './support/cli-runner.ts'
import { openRound, PHASE_SECONDS, playToOpen, type Scene, startScene } from './support/scene.ts'

describe('assay, the command line, while a round is open and when it has ended', () => {
  let scene: Scene
  let contributor: TestAccount
  let leaver: TestAccount
  let stayer: TestAccount
  let place: { taskId: bigint; validator: `0x${string}` }
  const cli = startCliRunner()

  before(async () => {
    const seed = deriveSeed(`0x${'00'.repeat(32)}`, 'cli in an open round')
    scene = await startScene({ seed, contributors: 1 })
    contributor = scene.contributors[0]!.account
    leaver = scene.validators[0]!
    stayer = scene.validators[1]!
    place = { taskId: scene.taskId, validator: leaver.address }
    await openRound(scene)
    await playToOpen(scene, [await scene.update(0)])
    const { chain } = scene
    await chain.send(leaver, leaveValidatorsCall(chain.deployment, place))
    await chain.send(chain.accounts[0]!, closeTaskCall(chain.deployment, place))
  })
  after(async () => {
    cli.end()
    await scene.stop()
  })

  const assay = (args: string[], account: TestAccount) => runAt(cli, scene, args, account)

  async function refused(args: string[], account: TestAccount) {
    const { code, stdout } = await assay([...args, '--json'], account)
    const { error } = JSON.parse(stdout)
    expect(error.exitCode).to.equal(code)
    return error
  }

  async function taskOf(account: TestAccount) {
    const { stdout, stderr } = await assay(['status', '--json'], account)
    expect(stdout, stderr).to.not.equal('')
    return JSON.parse(stdout).tasks[0]
  }

  it('says that the round is open to who would leave it, be released or be refunded, and what helps', async () => {
    const [leave, release, early, refund, reclaim] = await Promise.all([
      refused(['leave', '1'], contributor),
      refused(['validator', 'release', '1'], leaver),
      refused(['validator', 'release', '1'], stayer),
      refused(['task', 'refund', '1'], scene.chain.accounts[0]!),
      refused(['task', 'reclaim', '1'], scene.chain.accounts[0]!),
    ])

    expect(leave).to.include({ name: 'Rounds_NotFinal', exitCode: 75 })
    expect(leave.message).to.equal('The last round that binds you in task 1 is still open.')
    expect(release).to.include({ name: 'Rounds_StillDrawn', exitCode: 75 })
    expect(release.message).to.include('has left, but round 1 of task 1, which may draw it, is still open')
    expect(release.fix).to.include('final, 1 min after its end: assay validator release 1')
    expect(early).to.include({ name: 'Rounds_StillDrawn', exitCode: 1 })
    expect(early.fix).to.equal('Leave it first: assay validator leave 1')
    expect(refund).to.include({ name: 'Tasks_NothingToRefund', exitCode: 75 })
    expect(refund.message).to.include('while round 1 is open')
    expect(reclaim).to.include({ name: 'Rounds_NothingForfeited', exitCode: 1 })
    expect(reclaim.message).to.include('No forfeited pay of task 1')
  })

  it('shows what is due in the round, as data and in words', async () => {
    const [ofContributor, ofLeaver, ofStayer, inWords] = await Promise.all([
      taskOf(contributor),
      taskOf(leaver),
      taskOf(stayer),
      assay(['status'], leaver),
    ])

    expect(ofContributor.contributor.due.what).to.equal('open')
    expect(ofContributor.contributor.due.by).to.equal(ofContributor.round.endsAt)
    expect(ofLeaver.validator).to.deep.include({ standing: { state: 'leaving' }, due: { what: 'runOracle' } })
    expect(ofStayer.validator).to.deep.include({ standing: { state: 'drawn' }, due: { what: 'runOracle' } })
    const drawn = ofLeaver.validator.drawnFor.length === 0 ? 'no cohort' : 'cohort 0'
    expect(inWords.stdout).to.include(`leaves when the round ends, weight 1024, drawn for ${drawn}`)
    expect(inWords.stdout).to.include('due       keep assay oracle running until the round ends')
  })

  it('tells a validator that has left from when its stake can be released, and that it was', async () => {
    const { chain, taskId } = scene
    const anyone = chain.accounts[0]!
    await chain.mine(6 * PHASE_SECONDS)
    await chain.send(anyone, voidCohortCall(chain.deployment, { taskId, cohort: 0 }))
    await chain.mine(2 * PHASE_SECONDS)
    await chain.send(anyone, finalizeRoundCall(chain.deployment, { taskId }))

    const [waiting, early, inWords] = await Promise.all([
      taskOf(leaver),
      refused(['validator', 'release', '1'], leaver),
      assay(['status'], leaver),
    ])
    expect(waiting.validator.standing.state).to.equal('waiting')
    expect(waiting.validator.due).to.deep.equal({
      what: 'releaseLater',
      from: waiting.validator.standing.finalAt,
    })
    expect(early).to.include({ name: 'Rounds_NotFinal', exitCode: 75 })
    expect(early.fix).to.equal('Release the stake then: assay validator release 1')
    expect(inWords.stdout).to.match(/has left.*\n {2}due {7}release the stake from .* on: .*release 1/)

    await chain.mine(PHASE_SECONDS)
    expect((await taskOf(leaver)).validator.due).to.deep.equal({ what: 'release' })
    await chain.send(anyone, releaseValidatorCall(chain.deployment, place))
    const [released, again] = await Promise.all([
      assay(['status', '--task', '1'], leaver),
      refused(['validator', 'release', '1'], leaver),
    ])
    expect(released.stdout).to.match(/has left, stake released.*\n {2}due {7}nothing/)
    expect(again.fix).to.equal('Nothing is left to release: see assay status for free stake.')
  })
})
