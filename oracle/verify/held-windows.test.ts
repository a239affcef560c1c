import { readFile } from 'node:fs/promises'
import { readStepCase } from '@assay/engine/run/step-case.ts'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type BlobStore, StoreError } from '@assay/store/blob-store.ts'
import { openingKey } from '@assay/store/records.ts'
import { expect } from 'chai'
import {
  evidenceOf,
  type HandMadeUpdate,
  publishEvidence,
  publishUpdate,
} from '../../test/e2e/support/hand-made-update.ts'
import { keptSteps } from '../court/kept-steps.ts'
import { ROUNDS, SEED, type StageScene, startStageScene, VALIDATOR } from '../fixtures/stage-scene.ts'
import { ModelLostError } from '../models.ts'
import type { OracleContext } from '../oracle-context.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { noNotes } from '../progress.ts'
import type { Member } from '../round-facts.ts'
import { type CohortInput, trainingOf } from './case.ts'
import { type HeldRounds, lookAtHeldRounds, replayHeldRounds } from './held-windows.ts'
import type { ReplayOutcome } from './replay.ts'

/** The round of the scene's updates; the cohort is judged in a later one. */
const HELD_ROUND = 4
const LAST_ROUND = 9
const NOTHING: ReplayOutcome = { proven: 0, shown: [], withheld: [] }

type Wrong = { store?: BlobStore; base?: Error; submitted?: boolean; round?: number }

describe('windows of held rounds', () => {
  let scene: StageScene
  let honest: HandMadeUpdate
  const keys = oracleKeys(deriveSeed(SEED, 'oracle'))

  before(async () => {
    scene = await startStageScene()
    honest = await scene.make(0)
    await publishUpdate(scene.store, honest)
    await show(honest, 0, 2)
  })
  after(() => scene.stop())

  it('prove what was trained then, with the base model and the order of samples of that round', async () => {
    const { shown, ...outcome } = await replay(honest, [0, 2])
    expect(outcome).to.deep.equal({ proven: 2, provenHeld: 2, withheld: [], waitingHeld: undefined })
    expect(shown).to.have.length(2)
  })

  it('come on top of those of the round itself', async () => {
    const before = { ...NOTHING, proven: 1, withheld: [{ window: 3, reason: 'no evidence was published' }] }
    const outcome = await replay(honest, [0], { before })
    expect(outcome).to.deep.include({ proven: 2, provenHeld: 1, withheld: before.withheld })
    const failed = { ...before, mismatch: 'window 3 trained again ends in 0x' }
    expect(await replay(honest, [0], { before: failed })).to.equal(failed)
  })

  it('prove nothing without evidence or opening', async () => {
    const reason = 'no evidence was published'
    const missing = { window: 1, heldRound: HELD_ROUND, reason }
    expect(await replay(honest, [0, 1])).to.deep.include({ proven: 1, withheld: [missing] })
    const forgetful: BlobStore = {
      ...scene.store,
      getRecord: async (key, options) =>
        key === openingKey(honest.commitment) ? undefined : scene.store.getRecord(key, options),
    }
    const unopened = await replay(honest, [0], { store: forgetful })
    const without = (why: string) => ({ window: 0, heldRound: HELD_ROUND, reason: why })
    expect(unopened).to.deep.include({ proven: 0, withheld: [without('it was not opened')] })
    const elsewhere = await replay(honest, [0], { round: HELD_ROUND + 1 })
    expect(elsewhere.withheld[0]?.reason).to.equal(`the round is ${HELD_ROUND}, expected ${HELD_ROUND + 1}`)
  })

  it('are a miss if the training of that round ends elsewhere', async () => {
    const last = scene.task.spec.steps / scene.task.spec.commitEvery - 1
    const junk = await scene.make(1, { fakeFinal: scene.base })
    await publishUpdate(scene.store, junk)
    await show(junk, last)
    expect((await replay(junk, [last])).mismatch).to.match(/^window \d+ trained again ends in 0x/)
    const [kept, ...others] = await keptSteps(KEEPER(scene))
    expect(others).to.deep.equal([])
    expect(kept).to.include({ taskId: 3n, round: HELD_ROUND, window: last })
    expect(kept?.contributor).to.equal(junk.account.address.toLowerCase())
    const { evidence, fields } = readStepCase(scene.task.spec, new Uint8Array(await readFile(kept!.file)))
    expect(evidence).to.deep.equal(evidenceOf(scene.engine, junk, last))
    expect(fields.salt).to.equal(junk.opening.salt)
  })

  it('are nobody’s fault while the store does not answer, or has lost the base model, or the node the submission', async () => {
    const silent: BlobStore = { ...scene.store, getRecord: noAnswer }
    const deaf: BlobStore = { ...scene.store, get: noAnswer }
    const outages = [
      [await replay(honest, [0], { store: silent }), StoreError],
      [await replay(honest, [0], { store: deaf }), StoreError],
      [await replay(honest, [0], { base: new ModelLostError('lost') }), ModelLostError],
      [await replay(honest, [0], { base: new StoreError('unavailable', 'no answer') }), StoreError],
      [await replay(honest, [0], { submitted: false }), Error],
    ] as const
    for (const [outcome, kind] of outages) {
      expect(outcome).to.deep.include({ proven: 0, withheld: [] })
      expect(outcome.waitingHeld).to.be.instanceOf(kind)
    }
  })

  it('are looked at, too: what is withheld is said of the seat that replays it, and an outage says nothing', async () => {
    const before = { window: 4, reason: 'no evidence was published' }
    const withheld = (window: number, reason: string) => [before, { window, heldRound: HELD_ROUND, reason }]
    expect(await look(honest, [[0, 2]])).to.deep.include({ withheld: [before], withheldBits: 1 })
    expect(await look(honest, [[1, 2]])).to.deep.include({
      withheld: withheld(1, 'no evidence was published'),
      withheldBits: 3,
    })
    for (const wrong of [
      { store: { ...scene.store, getRecord: noAnswer } },
      { base: new ModelLostError('lost') },
      { submitted: false },
    ]) {
      const { waiting, ...said } = await look(honest, [[0, 2]], wrong)
      expect(said).to.deep.equal({ withheld: [before], withheldBits: 1, shown: [] })
      expect(waiting).to.be.instanceOf(Error)
    }
  })

  it('say nothing of the round’s own training', () => {
    const withheld = [{ window: 0, heldRound: HELD_ROUND, reason: 'no evidence was published' }]
    const trained = (replay: Partial<ReplayOutcome>) => trainingOf({ replay: { ...NOTHING, ...replay } })
    expect(trained({ proven: 2, provenHeld: 2 })).to.equal('unseen')
    expect(trained({ withheld })).to.equal('unseen')
    expect(trained({ proven: 1, withheld })).to.equal('proven')
    const own = [{ window: 1, reason: 'no evidence was published' }]
    expect(trained({ proven: 2, provenHeld: 2, withheld: own })).to.equal('withheld')
  })

  async function show(update: HandMadeUpdate, ...windows: number[]): Promise<void> {
    const readers = [{ validator: VALIDATOR, encryptionKey: await keys.encryptionKey() }]
    for (const window of windows)
      await publishEvidence(scene.store, scene.engine, update, { window, readers })
  }

  function replay(
    update: HandMadeUpdate,
    windows: number[],
    { before = NOTHING, ...wrong }: Wrong & { before?: ReplayOutcome } = {},
  ) {
    const { input, member, held, round } = heldOf(update, wrong)
    const drawn = windows.map((window) => ({ window, heldRound: round, others: [] }))
    return replayHeldRounds(input, member, { ...held, windows: drawn, before })
  }

  function look(update: HandMadeUpdate, windows: [number, 1 | 2][], wrong: Wrong = {}) {
    const { input, member, held, round } = heldOf(update, wrong)
    const drawn = windows.map(([window, distance]) => ({ window, heldRound: round, others: [], distance }))
    const before = {
      withheld: [{ window: 4, reason: 'no evidence was published' }],
      withheldBits: 1,
      shown: [],
    }
    return lookAtHeldRounds(input, member, { ...held, windows: drawn, before })
  }

  function heldOf(update: HandMadeUpdate, wrong: Wrong) {
    const { store = scene.store, base, submitted = true, round = HELD_ROUND } = wrong
    const load = async () => {
      if (base !== undefined) throw base
      return scene.base
    }
    const input = {
      context: {
        ...KEEPER(scene),
        store,
        keys,
        account: { address: VALIDATOR },
        models: { load },
        reader: { deployment: { chainId: 7, contracts: { rounds: ROUNDS } } },
      },
      facts: {
        taskId: 3n,
        round: LAST_ROUND,
        params: { stepsPerRound: scene.task.spec.steps },
        baseModelHash: `0x${'77'.repeat(32)}`,
      },
      notes: noNotes(),
      spec: scene.task.spec,
      deadline: { signal: new AbortController().signal },
    } as unknown as CohortInput
    const { account, commitment } = update
    const submission = { contributor: account.address, index: 0, commitment, blockNumber: 1n }
    const rounds: HeldRounds = async () => ({
      round,
      baseModelHash: scene.baseModelHash,
      previousBeacon: SEED,
      span: { from: 1n, to: 2n },
      submissions: submitted ? [submission] : [],
    })
    return { input, member: memberOf(update), held: { rounds, engine: scene.engine }, round }
  }

  function memberOf(update: HandMadeUpdate): Member {
    return {
      contributor: update.account.address,
      index: 0,
      commitment: `0x${'88'.repeat(32)}`,
      enrolled: true,
      flagged: false,
      reputationBps: 5_000,
      seen: 9,
      heldRounds: [HELD_ROUND],
      dataRoot: update.opening.dataRoot,
      sampleCount: update.data.n,
    } as Member
  }
})

/** Where false steps are kept. */
const KEEPER = ({ dir }: StageScene) => ({ config: { taskId: 3n, dataDir: dir } }) as OracleContext

const noAnswer = () => Promise.reject(new StoreError('unavailable', 'no answer'))
