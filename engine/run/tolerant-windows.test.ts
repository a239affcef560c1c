import { expect } from 'chai'
import { inexact, tolerant } from '../fixtures/inexact.ts'
import { adamTask } from '../fixtures/optimizer-tasks.ts'
import { blobs, packageOf, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { openEngine } from '../node/session.ts'
import { dataRoot } from '../package/data.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { type State, stateHash } from '../package/state.ts'
import type { TaskContents, TaskPackage } from '../package/task-contents.ts'
import { checkWindowEvidence, lookAtEvidence, makeWindowEvidence, maxEvidenceBytes } from './evidence.ts'
import type { Engine } from './runner.ts'
import { writeDifference } from './state-difference.ts'
import { type Training, train } from './train.ts'

const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')
const ROUND = 1
const data = blobs(41, seedOf('shard'))

const KINDS: [name: string, contents: () => TaskContents][] = [
  ['SGD', () => smallTask()],
  ['Adam', () => adamTask()],
]

for (const [name, contents] of KINDS)
  describe(`a window of a tolerant task with ${name}`, () => {
    let task: TaskPackage
    let engine: Engine

    before(async () => {
      task = await packageOf(tolerant(contents()))
      engine = await openEngine(task)
    })
    after(() => engine.close())

    const trained = (relativeL2: number): Promise<Training> =>
      train({
        engine: inexact(engine, relativeL2),
        base: task.init,
        data,
        round: ROUND,
        batchSeed: BATCH_SEED,
      })

    const claimOf = ({ stateRoot, final }: Training) => ({
      window: 1,
      round: ROUND,
      stateRoot,
      dataRoot: dataRoot(data, SECRET),
      sampleCount: data.n,
      batchSeed: BATCH_SEED,
      start: task.init,
      startHash: stateHash(task.spec, task.init),
      finalStateHash: stateHash(task.spec, final),
    })

    const evidenceOf = ({ stateHashes, borders }: Training, stateAfter: State | undefined = borders[2]) =>
      makeWindowEvidence({
        spec: task.spec,
        window: 1,
        stateHashes,
        start: task.init,
        stateBefore: borders[1]!,
        stateAfter,
        data,
        secret: SECRET,
        batchSeed: BATCH_SEED,
      })

    const check = (training: Training, evidence = evidenceOf(training)) =>
      checkWindowEvidence({ engine, evidence, ...claimOf(training) })

    it('is proven when it ends near its replay, whatever its bits', async () => {
      for (const relativeL2 of [0, 1e-6, 1e-3, 9e-3]) {
        const training = await trained(relativeL2)
        expect(await check(training), `${relativeL2}`).to.include({ ok: true })
      }
    })

    it('is a mismatch when it ends further away, which a look does not see', async () => {
      const training = await trained(0.02)
      const found = await check(training)
      expect(found).to.include({ ok: false, kind: 'mismatch' })
      expect(found)
        .to.have.property('reason')
        .that.matches(/differs by (19|20)\d{3} millionths .* accepts 10000$/)
      const { spec } = task
      expect(lookAtEvidence({ spec, evidence: evidenceOf(training), ...claimOf(training) })).to.include({
        ok: true,
      })
    })

    it('is withheld without the state after it, and with another one than the committed', async () => {
      const training = await trained(1e-3)
      const shown = (change: (tensors: Map<string, Tensor>) => void) => {
        const tensors = readSafetensors(evidenceOf(training))
        change(tensors)
        return writeSafetensors(tensors)
      }
      const without = shown((tensors) => tensors.delete('end'))
      expect(await check(training, without)).to.include({ kind: 'withheld' })
      const difference = writeDifference(task.spec, training.borders[1]!, training.borders[3]!)
      const another = shown((tensors) =>
        tensors.set('end', { dtype: 'U8', shape: [difference.length], data: difference }),
      )
      const found = await check(training, another)
      expect(found).to.include({ kind: 'withheld' })
      expect(found).to.have.property('reason').that.contains('the state shown after the window is')
      const empty = shown((tensors) =>
        tensors.set('end', { dtype: 'U8', shape: [0], data: new Uint8Array() }),
      )
      expect(await check(training, empty)).to.include({ kind: 'withheld' })
    })

    it('is not shown without the committed state after it', async () => {
      const training = await trained(1e-3)
      expect(() => evidenceOf(training, training.borders[3])).to.throw(
        'not the committed state after window 1',
      )
    })

    it('fits the size that readers fetch at most', async () => {
      expect(evidenceOf(await trained(1e-3)).length).to.be.at.most(maxEvidenceBytes(task.spec, data.n))
    })
  })

describe('a window of an exact task', () => {
  it('is a mismatch when a single bit differs, and shows no state after it', async () => {
    const task = await packageOf(smallTask())
    const engine = await openEngine(task)
    const { spec, init: start } = task
    const training = await train({
      engine: inexact(engine, 1e-7),
      base: start,
      data,
      round: ROUND,
      batchSeed: BATCH_SEED,
    })
    const { stateHashes, borders, stateRoot, final } = training
    const window = { window: 1, round: ROUND, batchSeed: BATCH_SEED }
    const [stateBefore, stateAfter] = [borders[1]!, borders[2]!]
    const made = { spec, ...window, stateHashes, start, stateBefore, stateAfter, data, secret: SECRET }
    const evidence = makeWindowEvidence(made)
    expect(readSafetensors(evidence).has('end')).to.equal(false)
    const found = await checkWindowEvidence({
      engine,
      evidence,
      ...window,
      stateRoot,
      dataRoot: dataRoot(data, SECRET),
      sampleCount: data.n,
      start,
      startHash: stateHash(spec, start),
      finalStateHash: stateHash(spec, final),
    })
    expect(found).to.include({ kind: 'mismatch' })
    await engine.close()
  })
})
