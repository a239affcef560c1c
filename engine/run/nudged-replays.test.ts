import { expect } from 'chai'
import { inexact, tolerant } from '../fixtures/inexact.ts'
import { blobs, packageOf, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import type { State } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { EngineRefusal, type RefusalCode } from '../refusal.ts'
import { farFromAll, NUDGES, nudged } from './nudged-replays.ts'
import type { Engine } from './runner.ts'
import { windowBatches } from './train.ts'

const SEED = seedOf('window')
const TOLERANCE = { kind: 'tolerant', relativeL2Ppm: 20_000, tolerantBps: 8_000 } as const

describe('a window that ends far from its replay', () => {
  let task: TaskPackage
  let engine: Engine

  before(async () => {
    task = await packageOf(tolerant(smallTask()))
    engine = await openEngine(task)
  })
  after(() => engine.close())

  const batches = (shard = seedOf('shard')) =>
    windowBatches(task.spec, { data: blobs(41, shard), round: 1, batchSeed: seedOf('batches') }, 0)

  /** An engine that trains on other samples where `isOther` says so of the weights: as rounding does at a kink. */
  const parting = (isOther: (state: State) => boolean, calls: State[] = []): Engine => ({
    ...engine,
    steps: (state, given) => {
      calls.push(state)
      return engine.steps(state, isOther(state) ? batches(seedOf('other shard')) : given)
    },
  })

  async function judged(committed: State, seat: Engine): Promise<string | undefined> {
    const replayed = (await seat.steps(task.init, batches())).state
    const window = { engine: seat, batches: batches(), seed: SEED }
    return farFromAll(window, { before: task.init, committed, replayed }, TOLERANCE)
  }

  it('is near one from other last bits where rounding alone has parted them', async () => {
    const { state: committed } = await engine.steps(task.init, batches())
    // The seat's own bits go the other way, and so do some of the nudged.
    const calls: State[] = []
    const seat = parting((state) => state === task.init || calls.length % 3 !== 0, calls)
    expect(await judged(committed, seat)).to.equal(undefined)
    expect(calls.length).to.be.above(2)
  })

  it('is far from all where steps were left out', async () => {
    const fewer = await engine.steps(task.init, batches().slice(1))
    const calls: State[] = []
    expect(
      await judged(
        fewer.state,
        parting(() => false, calls),
      ),
    ).to.match(/^the model differs by \d+ millionths/)
    expect(calls).to.have.length(1 + NUDGES)
  })

  it('is trained once if it ends near', async () => {
    const { state: committed } = await inexact(engine, 1e-3).steps(task.init, batches())
    const calls: State[] = []
    expect(
      await judged(
        committed,
        parting(() => false, calls),
      ),
    ).to.equal(undefined)
    expect(calls).to.have.length(1)
  })

  it('stays far where nudged training fails on the graph, and says so where the engine breaks', async () => {
    const failing = (code: RefusalCode): Engine => ({
      ...engine,
      steps: (state, given) =>
        state === task.init
          ? engine.steps(state, given)
          : Promise.reject(new EngineRefusal(code, 'as the test wants')),
    })
    const { state } = await engine.steps(task.init, batches().slice(1))
    expect(await judged(state, failing('graph'))).to.contain('the model differs')
    const broken = await judged(state, failing('limit')).catch((error: unknown) => error)
    expect(broken).to.be.instanceOf(EngineRefusal).and.include({ code: 'limit' })
  })

  it('stays far where nudged training ends in values that are not finite', async () => {
    const exploding: Engine = {
      ...engine,
      steps: async (state, given) => {
        const after = await engine.steps(state, given)
        if (state === task.init) return after
        return {
          ...after,
          state: new Map([...after.state].map(([name, values]) => [name, values.map(() => NaN)])),
        }
      },
    }
    const { state } = await engine.steps(task.init, batches().slice(1))
    expect(await judged(state, exploding)).to.contain('the model differs')
  })

  it('is nudged by last bits of the model alone, the same for a seed, zeros and the largest left as they are', () => {
    const spec = {
      state: [
        { name: 'w', shape: [6], role: 'model' as const },
        { name: 'mean.w', shape: [1], role: 'local' as const },
      ],
    }
    const largest = new Float32Array(Uint32Array.of(0x7f7fffff).buffer)[0]!
    const state: State = new Map([
      ['w', Float32Array.of(1, -1, 0, -0, largest, 1e-45)],
      ['mean.w', Float32Array.of(3)],
    ])
    const seen = new Set<string>()
    for (let nudge = 0; nudge < NUDGES; nudge++) {
      const after = nudged(spec, state, { seed: SEED, nudge })
      expect(after).to.deep.equal(nudged(spec, state, { seed: SEED, nudge }))
      const words = new Uint32Array(after.get('w')!.buffer)
      const ulps = [words[0]! - 0x3f800000, words[1]! - 0xbf800000]
      for (const moved of ulps) expect([1, 2, 4]).to.include(Math.abs(moved))
      expect([...words.slice(2)]).to.deep.equal([0, 0x80000000, 0x7f7fffff, 1])
      expect(after.get('mean.w')).to.deep.equal(Float32Array.of(3))
      seen.add(`${ulps}`)
    }
    expect(seen.size).to.be.above(3)
  })
})
