import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobHash } from '@assay/engine/hash.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { assembleTaskPackage, createTask } from '@assay/engine/node/task-package.ts'
import { writeSafetensors } from '@assay/engine/package/safetensors.ts'
import { type State, serializeState, stateHash } from '@assay/engine/package/state.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { delta, updateBytes } from '@assay/engine/run/update.ts'
import { deriveSeed, drawIndices, type Hash } from '@assay/sdk/protocol/random.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { type FileStore, openFileStore } from '@assay/store/file-store.ts'
import { encodeOpening } from '@assay/store/opening-record.ts'
import { openingKey } from '@assay/store/records.ts'
import { expect } from 'chai'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import {
  type HandMadeUpdate,
  makeUpdate,
  publishEvidence,
  publishUpdate,
} from '../../test/e2e/support/hand-made-update.ts'
import { clusters, flipped, smallTask, WINDOWS } from '../../test/e2e/support/small-task.ts'
import { oracleKeys } from '../oracle-keys.ts'
import { fetchUpdate, type Patience } from './fetch-update.ts'
import type { Expected } from './gates.ts'
import { scoreAudited } from './quality.ts'
import { replayWindows } from './replay.ts'
import { type Comparable, findRepeats } from './similarity.ts'

const SEED = `0x${'5e'.repeat(32)}` as Hash
const ROUNDS = `0x${'12'.repeat(20)}` as const
const VALIDATOR = `0x${'ab'.repeat(20)}` as const
const NOW = { lastCall: false }

describe('the stages of verification', () => {
  let dir: string
  let store: FileStore
  let task: TaskPackage
  let engine: Engine
  let base: State
  let baseModelHash: Hash
  const keys = oracleKeys(deriveSeed(SEED, 'oracle'))

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-stages-'))
    store = await openFileStore({ dir })
    const { taskJson, files } = await createTask(smallTask(SEED))
    task = await assembleTaskPackage(taskJson, files)
    engine = await openEngine(task)
    base = task.init
    baseModelHash = blobHash(serializeState(task.spec, base))
  })

  after(async () => {
    await engine.close()
    await rm(dir, { recursive: true })
  })

  const account = (n: number) => privateKeyToAccount(deriveSeed(SEED, 'account', BigInt(n)))
  const place = () => ({
    chainId: 7,
    rounds: ROUNDS,
    taskId: 3n,
    round: 4,
    previousBeacon: SEED,
    baseModelHash,
  })
  const make = (n: number, wrong: Partial<Parameters<typeof makeUpdate>[0]> = {}) =>
    makeUpdate({
      engine,
      base,
      place: place(),
      account: account(n),
      data: clusters(deriveSeed(SEED, 'shard', BigInt(n)), 60, n),
      ...wrong,
    })
  const expectedOf = ({ opening }: HandMadeUpdate): Expected => ({
    chainId: 7,
    rounds: ROUNDS,
    taskId: 3n,
    round: 4,
    contributor: opening.contributor,
    baseModelHash,
    steps: task.spec.steps,
    dataRoot: opening.dataRoot,
    enrolled: true,
  })
  const judge = (update: HandMadeUpdate, wrong: Partial<Expected> = {}, patience = NOW) =>
    fetchUpdate({
      store,
      spec: task.spec,
      commitment: update.commitment,
      expected: { ...expectedOf(update), ...wrong },
      patience,
    })
  const gateOf = async (update: HandMadeUpdate, wrong?: Partial<Expected>) => {
    const result = await judge(update, wrong)
    return result.ok ? 'passed' : `${result.gate}: ${result.reason}`
  }

  describe('S0 and S1', () => {
    it('let an honest update pass', async () => {
      const update = await make(1)
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.equal('passed')
    })

    it('refuse what was never opened', async () => {
      expect(await gateOf(await make(2))).to.equal('S0: it was not opened')
    })

    const foreign: [string, Partial<Expected>][] = [
      ['chain id', { chainId: 8 }],
      ['contract', { rounds: VALIDATOR }],
      ['task', { taskId: 4n }],
      ['round', { round: 5 }],
      ['contributor', { contributor: VALIDATOR }],
      ['base model', { baseModelHash: SEED }],
      ['number of steps', { steps: 19 }],
      ['data root', { dataRoot: SEED }],
    ]
    for (const [what, wrong] of foreign)
      it(`refuse an opening whose ${what} is not the one on chain`, async () => {
        const update = await make(3)
        await publishUpdate(store, update)
        expect(await gateOf(update, wrong)).to.match(new RegExp(`^S0: the ${what} is .*, expected `))
      })

    it('refuse a contributor that is not enrolled', async () => {
      const update = await make(3)
      await publishUpdate(store, update)
      expect(await gateOf(update, { enrolled: false })).to.match(/^S0: 0x.* is not enrolled$/)
    })

    it('refuse an opening without its blob', async () => {
      const update = await make(4)
      await store.putRecord(openingKey(update.commitment), encodeOpening(update.opening))
      expect(await gateOf(update)).to.match(/^S1: /)
    })

    it('refuse a blob with a value that is not a number', async () => {
      const honest = await make(5)
      const blob = hostileBlob((data) => data.fill(Number.NaN, 0, 1))
      const update = await make(5, { blob })
      expect(update.commitment).not.to.equal(honest.commitment)
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: .*NaN/)
    })

    it('refuse a blob of another shape', async () => {
      const shape = [3]
      const tensors = new Map(
        [...base].map(([name]) => [name, { dtype: 'F32' as const, shape, data: new Float32Array(3) }]),
      )
      const update = await make(6, { blob: writeSafetensors(tensors) })
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: .*shape|^S1: /)
    })

    it('refuse a truncated blob', async () => {
      const update = await make(7, { blob: updateBytes(task.spec, base).subarray(0, -5) })
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: /)
    })

    it('refuse a blob above the size of the model without reading it all', async () => {
      const update = await make(8, { blob: new Uint8Array(4 * 1024 * 1024) })
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: .*bytes/)
    })

    it('refuse a blob that is not the last state of the trace', async () => {
      const other = await make(10)
      const update = await make(9, { blob: other.blob })
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: the blob's state is /)
    })

    it('refuse a final state that the trace does not hold', async () => {
      const other = await make(10)
      const update = await make(12, { blob: other.blob, opening: { finalState: other.opening.finalState } })
      await publishUpdate(store, update)
      expect(await gateOf(update)).to.match(/^S1: the update is not the last state of the trace/)
    })

    it('wait for a store that does not answer, until the last call', async () => {
      const update = await make(11)
      const silent = { ...store, getRecord: () => Promise.reject(new StoreError('unavailable', 'no answer')) }
      const look = (lastCall: boolean) =>
        fetchUpdate({
          store: silent,
          spec: task.spec,
          commitment: update.commitment,
          expected: expectedOf(update),
          patience: { lastCall },
        })
      const early = await look(false).catch((error: unknown) => error)
      expect(early).to.be.instanceOf(StoreError)
      expect(await look(true)).to.deep.equal({
        ok: false,
        gate: 'S0',
        reason: 'no answer',
        unreachable: true,
      })
    })
  })

  describe('S5', () => {
    const replay = async (
      update: HandMadeUpdate,
      windows: number[],
      as: PrivateKeyAccount = update.account,
      patience: Patience = NOW,
    ) =>
      replayWindows({
        store,
        keys,
        engine,
        commitment: update.commitment,
        contributor: as.address,
        validator: VALIDATOR,
        windows,
        patience,
        claim: {
          stateRoot: update.opening.stateRoot,
          dataRoot: update.opening.dataRoot,
          sampleCount: update.data.n,
          batchSeed: update.batchSeed,
          baseStateHash: stateHash(task.spec, base),
          finalStateHash: update.opening.finalState.stateHash,
        },
      })
    const show = async (update: HandMadeUpdate, window: number, of = window) =>
      publishEvidence(store, engine, update, {
        window,
        validator: VALIDATOR,
        encryptionKey: await keys.encryptionKey(),
        of,
      })

    it('proves the windows of an honest update', async () => {
      const update = await make(20)
      await publishUpdate(store, update)
      for (const window of [0, 2, 4]) await show(update, window)
      expect(await replay(update, [0, 2, 4])).to.deep.equal({ proven: 3, withheld: [] })
    })

    it('accuses nobody when evidence is missing', async () => {
      const update = await make(21)
      await publishUpdate(store, update)
      await show(update, 1)
      const outcome = await replay(update, [1, 3])
      expect(outcome.proven).to.equal(1)
      expect(outcome.withheld).to.deep.equal([{ window: 3, reason: 'no evidence was published' }])
      expect(outcome.mismatch).to.equal(undefined)
    })

    it('does not take the evidence of another window', async () => {
      const update = await make(22)
      await publishUpdate(store, update)
      await show(update, 1, 2)
      const outcome = await replay(update, [1])
      expect(outcome.proven).to.equal(0)
      expect(outcome.withheld[0]?.reason).to.equal('evidence is of window 2, asked was 1')
    })

    it('takes evidence that somebody else signed for no answer: a store refuses it', async () => {
      const update = await make(23)
      await publishUpdate(store, update)
      await show(update, 0)
      const early = await replay(update, [0], account(99)).catch((error) => error)
      expect(early).to.be.instanceOf(StoreError).and.include({ code: 'unavailable' })

      const outcome = await replay(update, [0], account(99), { lastCall: true })
      expect(outcome).to.deep.include({ proven: 0, unreachable: true })
      expect(outcome.withheld).to.have.length(1)
    })

    it('does not take evidence that is encrypted to another validator', async () => {
      const update = await make(24)
      await publishUpdate(store, update)
      const encryptionKey = await oracleKeys(deriveSeed(SEED, 'other')).encryptionKey()
      await publishEvidence(store, engine, update, { window: 0, validator: VALIDATOR, encryptionKey })
      const outcome = await replay(update, [0])
      expect(outcome.proven).to.equal(0)
      expect(outcome.withheld).to.have.length(1)
    })

    it('finds the window whose training was faked', async () => {
      const elsewhere = await make(26)
      const update = await make(25, { fakeFinal: elsewhere.training.final })
      await publishUpdate(store, update)
      const last = WINDOWS - 1
      await show(update, last)
      const outcome = await replay(update, [last])
      expect(outcome.mismatch).to.match(/^window 4 trained again ends in 0x/)
    })
  })

  describe('S2', () => {
    const comparable = (
      update: HandMadeUpdate,
      order: number,
      final = update.training.final,
      training: Comparable['training'] = 'proven',
    ): Comparable => ({
      contributor: update.account.address,
      order,
      training,
      stateHash: stateHash(task.spec, final),
      vector: delta(task.spec, base, final),
    })

    it('lets updates of different data stand', async () => {
      const population = await Promise.all([31, 32, 33, 34, 35].map((n) => make(n)))
      expect([
        ...findRepeats(
          population.map((update, i) => comparable(update, i)),
          [],
        ),
      ]).to.deep.equal([])
    })

    /** Whom S2 refuses when a thief lays noise on the third update of five and commits as number `order`. */
    async function refusedBeside(
      order: number,
      ofThief: Comparable['training'],
      ofOthers: Comparable['training'],
    ) {
      const population = await Promise.all([31, 32, 33, 34, 35].map((n) => make(n)))
      const thief = await make(36)
      const copy = noisy(population[2]!.training.final, 0.05)
      const others = population.map((update, i) => comparable(update, i + 1, undefined, ofOthers))
      const repeats = findRepeats([...others, comparable(thief, order, copy, ofThief)], [])
      const reasons = [...repeats.values()].every((reason) =>
        reason.includes(`copy of ${population[2]!.account.address}`),
      )
      return { refused: [...repeats.keys()], reasons, thief: thief.account.address }
    }

    for (const order of [0, 9])
      it(`refuses a copy under noise that shows no training, committed as number ${order}`, async () => {
        const { refused, reasons, thief } = await refusedBeside(order, 'withheld', 'proven')
        expect(refused).to.deep.equal([thief])
        expect(reasons).to.equal(true)
      })

    it('refuses a later copy that nobody asked for its training', async () => {
      const { refused, thief } = await refusedBeside(9, 'unseen', 'proven')
      expect(refused).to.deep.equal([thief])
    })

    it('never refuses an original because a copy was committed earlier', async () => {
      expect((await refusedBeside(0, 'unseen', 'proven')).refused).to.deep.equal([])
      expect((await refusedBeside(0, 'unseen', 'unseen')).refused).to.deep.equal([])
      expect((await refusedBeside(0, 'withheld', 'unseen')).refused).to.deep.equal([])
    })

    it('keeps the first of two equal states that show no training', async () => {
      const [first, second] = [await make(31), await make(36)]
      const twins = [
        comparable(second, 7, first.training.final, 'unseen'),
        comparable(first, 3, undefined, 'unseen'),
      ]
      expect([...findRepeats(twins, []).keys()]).to.deep.equal([second.account.address])
    })

    it('refuses a global step that is handed in again, with noise', async () => {
      const update = await make(37)
      const step = delta(task.spec, base, (await make(38)).training.final)
      const final = new Map([...base].map(([name, data]) => [name, data.slice()]))
      let at = 0
      for (const data of final.values()) for (let i = 0; i < data.length; i++) data[i]! += step[at++]!
      const again = comparable(update, 0, noisy(final, 0.01))
      expect(findRepeats([again], [step]).get(update.account.address)).to.match(/last global steps/)
    })
  })

  describe('S4', () => {
    const draw = () => ({ beacon: SEED, taskId: 3n, round: 4, validator: VALIDATOR })
    const score = (audited: { contributor: `0x${string}`; final: State }[]) =>
      scoreAudited({ engine, base, holdout: task.holdout, draw: draw(), audited })

    it('pays what helps and not what harms or does nothing', async () => {
      const [honest, other] = [await make(41), await make(42)]
      const liar = await make(43, { data: flipped(clusters(deriveSeed(SEED, 'flipped'), 60)) })
      const contributors = { honest, other, liar }
      const audited = Object.values(contributors).map(({ account: { address }, training }) => ({
        contributor: address,
        final: training.final,
      }))
      const zero = { contributor: account(44).address, final: base }
      const scores = await score([...audited, zero])
      expect(scores.get(honest.account.address)?.qualityBps).to.be.greaterThan(4_000)
      expect(scores.get(other.account.address)?.qualityBps).to.be.greaterThan(4_000)
      expect(scores.get(honest.account.address)?.rarityBps).to.be.within(1, 20_000)
      // A base that knows nothing leaves even false labels something to improve.
      expect(scores.get(liar.account.address)?.qualityBps).to.be.lessThan(4_000)
      expect(scores.get(zero.contributor)).to.deep.equal({ qualityBps: 0, rarityBps: 0 })
    })

    it('gives the same integers every time, and others to another validator', async () => {
      const data = clusters(deriveSeed(SEED, 'half wrong'), 60)
      const half = { ...data, y: data.y.map((label, i) => (i % 2 === 0 ? label : (label + 1) % 4)) }
      const { account: owner, training } = await make(45, { data: half })
      const audited = [{ contributor: owner.address, final: training.final }]
      const mine = (await score(audited)).get(owner.address)
      expect((await score(audited)).get(owner.address)).to.deep.equal(mine)
      const elsewhere = { ...draw(), validator: ROUNDS }
      const theirs = await scoreAudited({ engine, base, holdout: task.holdout, draw: elsewhere, audited })
      expect(theirs.get(owner.address)?.qualityBps).not.to.equal(mine?.qualityBps)
    })

    it('survives an update at the limits of what is finite', async () => {
      const final = new Map(
        [...base].map(([name, data]) => [name, data.map((_, i) => (i % 2 ? 1e15 : -1e15))]),
      )
      const contributor = account(46).address
      expect((await score([{ contributor, final }])).get(contributor)?.qualityBps).to.be.within(0, 10_000)
    })
  })

  /** The base model's blob with its values spoilt, past what `updateBytes` would write. */
  function hostileBlob(spoil: (data: Float32Array) => void): Uint8Array {
    const tensors = new Map(
      task.spec.state.map(({ name, shape }, i) => {
        const data = base.get(name)!.slice()
        if (i === 0) spoil(data)
        return [name, { dtype: 'F32' as const, shape, data }]
      }),
    )
    return writeSafetensors(tensors)
  }

  function noisy(state: State, size: number): State {
    return new Map(
      [...state].map(([name, data]) => {
        const noise = drawIndices(deriveSeed(SEED, name), data.length, 2 ** 16)
        const before = base.get(name)!
        return [
          name,
          data.map((value, i) => value + size * Math.abs(value - before[i]!) * (noise[i]! / 2 ** 15 - 1)),
        ]
      }),
    )
  }
})
