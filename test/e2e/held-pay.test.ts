import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { seatsAt } from '@assay/oracle/duties.ts'
import { keySeedOf, oracleKeys } from '@assay/oracle/oracle-keys.ts'
import { noNotes } from '@assay/oracle/progress.ts'
import { type Member, readRoundFacts } from '@assay/oracle/round-facts.ts'
import type { CohortInput } from '@assay/oracle/verify/case.ts'
import { lookAtHeldRounds, openHeldRounds, replayHeldRounds } from '@assay/oracle/verify/held-windows.ts'
import type { LookOutcome, ReplayOutcome } from '@assay/oracle/verify/replay.ts'
import { windowsToLookAt, windowsToReplay } from '@assay/oracle/verify/windows.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { NOT_AUDITED, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { closeSubmissionsCall } from '@assay/sdk/verbs/rounds/close-submissions.ts'
import { readEarnings } from '@assay/sdk/verbs/rounds/read-earnings.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { sealCall } from '@assay/sdk/verbs/rounds/seal.ts'
import { fetchOpening } from '@assay/store/opening-record.ts'
import { expect } from 'chai'
import { type Hex, zeroHash } from 'viem'
import { runAt, startCliRunner } from './support/cli-runner.ts'
import { beginLife, type ContributorLife } from './support/contributor-life.ts'
import { makeNewcomer, type Newcomer, openedUpdate } from './support/newcomer.ts'
import { openRound, PHASE_SECONDS, type Scene, startScene } from './support/scene.ts'
import { playToFinal } from './support/score-by-hand.ts'

const SEED = deriveSeed(zeroHash, 'held pay')
const HELD_ROUND = 2
/** Windows 0 and 2 are of the last round, window 1 is of the one held round. */
const DRAWN_WINDOWS = 3

describe('a contributor with held pay in the last round', () => {
  let scene: Scene
  let newcomer: Newcomer
  let life: ContributorLife | undefined
  let commitment: Hex
  const cli = startCliRunner()

  before(async () => {
    const params = { replayWindows: DRAWN_WINDOWS, maxRounds: 3 }
    scene = await startScene({ seed: SEED, contributors: 1, params })
    newcomer = await makeNewcomer(scene, SEED)
    await begin('data')
    for (let block = 0; block < 3; block++) await mine()
  })
  after(async () => {
    cli.end()
    await life?.end()
    await scene.stop()
  })

  const me = () => ({ taskId: scene.taskId, contributor: newcomer.account.address })

  it('knows from the chain which rounds are held', async () => {
    await playToOpen()
    await playToFinal(scene, me().contributor, mine)
    await playToOpen()
    ;({ commitment } = await openedUpdate(scene, newcomer))
    await playToFinal(scene, me().contributor, mine, { entry: scoreEntry({ quality: NOT_AUDITED }) })
    const { heldRounds, judged } = await readParticipant(scene.reader, me())
    expect({ heldRounds, judged }).to.deep.equal({ heldRounds: [HELD_ROUND], judged: true })
  })

  it('shows their drawn windows to the seats, though its data and the opening in the store are lost', async () => {
    await life?.end()
    await rm(join(scene.dir, 'store', 'records', commitment.slice(2, 4), `${commitment}-opening`))
    expect(await fetchOpening(scene.store, commitment)).to.equal(undefined)
    await begin('lost data')
    await playToOpen()

    expect((await readRound(scene.reader, me())).round).to.equal(3)
    const { replays, looks } = await heldWindows()
    expect(replays).to.have.length(1)
    expect(replays[0]).to.deep.include({ proven: 1, provenHeld: 1, withheld: [], waitingHeld: undefined })
    const seen = { withheld: [], withheldBits: 0, shown: [], waiting: undefined }
    expect(looks).to.deep.equal([seen, seen])
  })

  it('gets it from anybody, 28 days after a last round that could not audit it', async () => {
    await playToFinal(scene, me().contributor, mine, { entry: scoreEntry({ quality: NOT_AUDITED }) })
    const { pending, held } = await readEarnings(scene.reader, { ...me(), account: me().contributor })
    expect(held > 0n, `${held} wei are held`).to.equal(true)

    const early = await release()
    expect(early).to.include({ code: 75 })
    expect(JSON.parse(early.stdout).error).to.include({ name: 'Rounds_NotReleasable' })
    await mine(28 * 86_400 + 3_600)
    await life?.end()
    life = undefined
    await scene.chain.client.setAutomine(true)
    const { code, stdout, stderr } = await release()
    expect(code, stderr).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({ released: String(held), cancelled: '0' })
    const after = await readEarnings(scene.reader, { ...me(), account: me().contributor })
    expect(after.held).to.equal(0n)
    expect(after.pending + after.matured >= pending + held).to.equal(true)
    const again = await release()
    expect(JSON.parse(again.stdout).error).to.include({ name: 'Rounds_NothingHeld', exitCode: again.code })
  })

  function release() {
    const { taskId, contributor } = me()
    const args = ['release', String(taskId), contributor, '--json']
    return runAt(cli, scene, args, scene.chain.accounts[0]!)
  }

  /** What each seat that reads the window of the held round finds, as its oracle looks. */
  async function heldWindows(): Promise<{ replays: ReplayOutcome[]; looks: LookOutcome[] }> {
    const { taskId, contributor } = me()
    const [replays, looks]: [ReplayOutcome[], LookOutcome[]] = [[], []]
    const participant = await readParticipant(scene.reader, me())
    const member = {
      ...participant,
      contributor,
      index: 0,
      commitment,
      sampleCount: newcomer.data.n,
    } as Member
    const state = await readRound(scene.reader, me())
    for (const account of scene.validators) {
      const facts = await readRoundFacts(scene.reader, { taskId, state, validator: account.address })
      const [seat] = seatsAt(facts, 0, facts.rosterIndex)
      if (seat === undefined) continue
      const input = {
        context: {
          store: scene.store,
          reader: scene.reader,
          account,
          keys: oracleKeys(keySeedOf(account.privateKey)),
          models: { load: async () => scene.task.init },
        },
        facts,
        attempt: 0,
        seat,
        notes: noNotes(),
        spec: scene.task.spec,
        deadline: { signal: new AbortController().signal },
      } as unknown as CohortInput
      const held = { rounds: openHeldRounds(scene.reader, scene.taskId), engine: scene.engine }
      const toReplay = windowsToReplay(input, member)
      if (toReplay.some(({ heldRound }) => heldRound !== undefined)) {
        const before = { proven: 0, shown: [], withheld: [] }
        replays.push(await replayHeldRounds(input, member, { ...held, windows: toReplay, before }))
      }
      const toLookAt = windowsToLookAt(input, member)
      if (toLookAt.some(({ heldRound }) => heldRound !== undefined)) {
        const before = { withheld: [], withheldBits: 0, shown: [] }
        looks.push(await lookAtHeldRounds(input, member, { ...held, windows: toLookAt, before }))
      }
    }
    return { replays, looks }
  }

  async function begin(name: string): Promise<void> {
    life = beginLife(newcomer.config(name))
    await settled()
  }

  async function settled(): Promise<void> {
    await life?.untilIdle((await scene.chain.client.getBlock()).number)
  }

  async function mine(seconds?: number): Promise<void> {
    await scene.chain.mine(seconds)
    await settled()
  }

  async function playToOpen(): Promise<void> {
    const { chain } = scene
    const anyone = chain.accounts[0]!
    await openRound(scene)
    await settled()
    await mine()
    await mine(PHASE_SECONDS)
    await chain.send(anyone, closeSubmissionsCall(chain.deployment, me()))
    await mine()
    await chain.send(anyone, sealCall(chain.deployment, me()))
    await settled()
  }
})
