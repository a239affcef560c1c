import { dataRootOf } from '@assay/sdk/protocol/data-root.ts'
import type { MerkleTree } from '@assay/sdk/protocol/merkle.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import { openLookupTask } from '../fixtures/lookup-task.ts'
import { blobs, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { type Hash, hashBytes } from '../hash.ts'
import { openEngine } from '../node/session.ts'
import { type Dataset, dataRoot, sampleRoot, sampleTree, subset } from '../package/data.ts'
import { featuresOf, withFeatures } from '../package/features.ts'
import { readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { type State, stateHash, stateRoot } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { windowCount } from '../package/task-spec.ts'
import {
  checkWindowEvidence,
  type EvidenceResult,
  lookAtEvidence,
  makeWindowEvidence,
  maxEvidenceBytes,
  type WindowClaim,
} from './evidence.ts'
import { byteTensor } from './evidence-tensors.ts'
import type { Engine } from './runner.ts'
import { writeSamples } from './shown-samples.ts'
import { writeDifference } from './state-difference.ts'
import { type Training, train, windowIndices } from './train.ts'

const SECRET = seedOf('secret')
const BATCH_SEED = seedOf('batches')
const WINDOW = 1
const ROUND = 1

let task: TaskPackage
let engine: Engine
let data: Dataset
let training: Training

function claim(changes: Partial<WindowClaim> = {}): WindowClaim {
  return {
    window: WINDOW,
    round: ROUND,
    stateRoot: training.stateRoot,
    dataRoot: dataRoot(data, SECRET),
    sampleCount: data.n,
    batchSeed: BATCH_SEED,
    start: task.init,
    startHash: stateHash(task.spec, task.init),
    finalStateHash: stateHash(task.spec, training.final),
    ...changes,
  }
}

/** What a round of training takes. */
const trainingOf = (shard: Dataset) => ({
  engine,
  base: task.init,
  data: shard,
  round: ROUND,
  batchSeed: BATCH_SEED,
})

function evidenceOf(
  options: {
    window?: number
    stateHashes?: Hash[]
    stateBefore?: State
    data?: Dataset
    tree?: MerkleTree
  } = {},
) {
  const { window = WINDOW, stateHashes = training.stateHashes } = options
  const stateBefore = options.stateBefore ?? training.borders[window]!
  const secret = SECRET
  return makeWindowEvidence({
    spec: task.spec,
    window,
    stateHashes,
    start: task.init,
    stateBefore,
    data: options.data ?? data,
    secret,
    tree: options.tree,
    batchSeed: BATCH_SEED,
  })
}

/** What a replay finds. A look finds the same, but for the training. */
async function check(evidence: Uint8Array, changes: Partial<WindowClaim> = {}): Promise<EvidenceResult> {
  const result = await checkWindowEvidence({ engine, evidence, ...claim(changes) })
  const look = lookAtEvidence({ spec: task.spec, evidence, ...claim(changes) })
  if (result.ok) expect(look, 'the samples, too').to.deep.equal(result)
  else if (result.kind === 'withheld') expect(look).to.deep.equal(result)
  else expect(look).to.include({ ok: true })
  return result
}

function expectResult(result: EvidenceResult, kind: 'withheld' | 'mismatch', reason: string | RegExp): void {
  expect(result.ok).to.equal(false)
  if (result.ok) return
  expect(result.kind, result.reason).to.equal(kind)
  expect(result.reason).to.match(typeof reason === 'string' ? new RegExp(reason) : reason)
}

/** Another state than the one before the window, as evidence shows it. */
function shownState(change: (value: number) => number): Tensor {
  const other = new Map([...training.borders[WINDOW]!].map(([name, data]) => [name, data.map(change)]))
  return byteTensor(writeDifference(task.spec, task.init, other))
}

function drawnSamples(window: number): Dataset {
  const steps = windowIndices(task.spec, BATCH_SEED, window, data.n)
  const drawn = [...new Set(steps.flat())].sort((a, b) => a - b)
  return subset(data, drawn)
}

/** The samples of the window with other values, as evidence shows them. */
function shownSamples(change: (samples: Dataset) => void): Tensor {
  const samples = drawnSamples(WINDOW)
  change(samples)
  return byteTensor(writeSamples(task.spec, samples))
}

/** The evidence with some of its tensors replaced. */
function tampered(change: (tensors: Map<string, Tensor>) => void): Uint8Array {
  const tensors = readSafetensors(evidenceOf())
  change(tensors)
  return writeSafetensors(tensors)
}

describe('training and its evidence', () => {
  before(async () => {
    task = await smallPackage()
    engine = await openEngine(task)
    data = blobs(41, seedOf('shard'))
    training = await train(trainingOf(data))
  })

  after(async () => {
    await engine.close()
  })

  it('is the same whether the tree of the samples is at hand or made for it', () => {
    expect(evidenceOf({ tree: sampleTree(data, SECRET) })).to.deep.equal(evidenceOf())
  })

  it('proves every window of honest work', async () => {
    for (let window = 0; window < windowCount(task.spec); window++) {
      const evidence = evidenceOf({ window })
      expect(evidence.length).to.be.at.most(maxEvidenceBytes(task.spec, data.n))
      expect(await check(evidence, { window })).to.deep.equal({ ok: true, samples: drawnSamples(window) })
    }
  })

  it('shows a mismatch when the window was not trained as committed', async () => {
    const faked = training.stateHashes.with(WINDOW + 1, seedOf('invented'))
    const evidence = evidenceOf({ stateHashes: faked })
    const root = stateRoot(faked)
    expectResult(await check(evidence, { stateRoot: root }), 'mismatch', 'window 1 trained again ends in 0x')
  })

  it('shows a mismatch when the window started from another state', async () => {
    const stolen = training.borders[0]!
    const faked = training.stateHashes.with(WINDOW, training.stateHashes[0]!)
    const evidence = evidenceOf({ stateHashes: faked, stateBefore: stolen })
    expectResult(await check(evidence, { stateRoot: stateRoot(faked) }), 'mismatch', 'window 1 trained again')
  })

  it('withholds when samples are not those of the data root', async () => {
    const other = blobs(41, seedOf('another shard'))
    expectResult(
      await check(evidenceOf({ data: other })),
      'withheld',
      /sample \d+ of 41 is not proven against data root/,
    )
    const relabelled = shownSamples(({ y }) => y.fill(2))
    const told = await check(tampered((t) => t.set('data', relabelled)))
    expectResult(told, 'withheld', /sample \d+ of 41 is not proven/)
  })

  it('withholds when samples are not the ones that the seed draws', async () => {
    expectResult(await check(evidenceOf(), { batchSeed: seedOf('other order') }), 'withheld', 'sample')
    expectResult(await check(evidenceOf(), { sampleCount: 1000 }), 'withheld', /sample|proofs/)
  })

  it('withholds when the root is of another number of samples, even if tree and order fit', async () => {
    const tree = sampleRoot(data, SECRET)
    for (const root of [tree, dataRootOf(tree, data.n - 1), dataRootOf(tree, data.n + 1)])
      expectResult(
        await check(evidenceOf(), { dataRoot: root }),
        'withheld',
        `of ${data.n} is not proven against data root ${root}`,
      )
  })

  it('withholds when the base model or the opened update is not an end of the trace', async () => {
    expectResult(
      await check(evidenceOf(), { startHash: seedOf('x') }),
      'withheld',
      "round's base model is not proven",
    )
    expectResult(
      await check(evidenceOf(), { finalStateHash: seedOf('x') }),
      'withheld',
      'opened update is not proven',
    )
  })

  it('withholds when a state is shown at another place', async () => {
    const elsewhere = tampered((tensors) => {
      tensors.set('proof.before', tensors.get('proof.after')!)
    })
    expectResult(await check(elsewhere), 'withheld', 'state before is not proven at place 1')
    expectResult(await check(evidenceOf(), { window: 2 }), 'withheld', 'evidence is of window 1, asked was 2')
  })

  it('withholds, and never throws, for bytes of any kind', async () => {
    const good = evidenceOf()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.nat(255),
        fc.nat(good.length),
        async (at, byte, length) => {
          const bytes = good.slice()
          bytes[at] = byte
          for (const hostile of [bytes, good.slice(0, length)]) {
            const result = await check(hostile)
            if (hostile.length !== good.length) expect(result.ok).to.equal(false)
            if (!result.ok) expect(result.kind).to.equal('withheld')
          }
        },
      ),
      { seed: 51, numRuns: 150 },
    )
  })

  it('withholds, and never throws, when more samples are enrolled than can be drawn from', async () => {
    for (const sampleCount of [2 ** 24 + 1, 2 ** 32 - 1, 0]) {
      const result = await checkWindowEvidence({ engine, evidence: evidenceOf(), ...claim({ sampleCount }) })
      expect(result).to.include({ ok: false, kind: 'withheld' })
      expect((result as { reason: string }).reason).to.include(`${sampleCount} samples are enrolled`)
    }
  })

  it("says so when the task's graph fails on proven samples", async () => {
    const { package: looking, engine: looker } = await openLookupTask()
    try {
      const hashes = [0, 1, 2].map(() => stateHash(looking.spec, looking.init))
      const check = (token: number) => {
        const tokens = { inputs: { x: Float32Array.of(token, token) }, y: Int32Array.of(0, 1), n: 2 }
        const evidence = makeWindowEvidence({
          spec: looking.spec,
          window: 0,
          stateHashes: hashes,
          start: looking.init,
          stateBefore: looking.init,
          data: tokens,
          secret: SECRET,
          batchSeed: BATCH_SEED,
        })
        return checkWindowEvidence({
          engine: looker,
          evidence,
          window: 0,
          round: ROUND,
          stateRoot: stateRoot(hashes),
          dataRoot: dataRoot(tokens, SECRET),
          sampleCount: 2,
          batchSeed: BATCH_SEED,
          start: looking.init,
          startHash: hashes[0]!,
          finalStateHash: hashes[2]!,
        })
      }

      expect(await check(3)).to.include({ ok: false, kind: 'mismatch' })
      expect(await check(999)).to.include({ ok: false, kind: 'graph-fails' })
      expect(await check(3), 'the engine goes on').to.include({ ok: false, kind: 'mismatch' })
    } finally {
      await looker.close()
    }
  })

  it('withholds missing, surplus and misshapen tensors', async () => {
    const [nan, moved] = [shownState(() => Number.NaN), shownState((value) => value + 1)]
    const nowhere = shownSamples(({ inputs }) => inputs.x!.fill(Number.NaN))
    const cases: [(tensors: Map<string, Tensor>) => void, RegExp][] = [
      [(t) => t.delete('sample.salt'), /evidence holds 11 tensors, expected 12/],
      [(t) => t.set('extra', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }), /tensors/],
      [
        (t) => t.set('window', { dtype: 'I32', shape: [0], data: new Int32Array(0) }),
        /window is not I32 \[1\]/,
      ],
      [(t) => t.set('data', { dtype: 'F32', shape: [1], data: new Float32Array(1) }), /data is not U8 \[k\]/],
      [(t) => t.set('data', byteTensor(Uint8Array.of(7, 7, 7, 7))), /data does not inflate/],
      [
        (t) => t.set('proof.first', { dtype: 'U8', shape: [31], data: new Uint8Array(31) }),
        /proof.first is not U8/,
      ],
      [
        (t) => t.set('sample.proof', { dtype: 'U8', shape: [1, 32], data: new Uint8Array(32) }),
        /sample proofs/,
      ],
      [(t) => t.set('state', nan), /w0\[0\] is NaN/],
      [(t) => t.set('state', moved), /the state shown before the window is/],
      [(t) => t.set('hash.before', byteTensor(hashBytes(SECRET))), /the state before is not proven/],
      [(t) => t.set('data', nowhere), /x\[0\] is NaN/],
    ]
    for (const [change, reason] of cases) expectResult(await check(tampered(change)), 'withheld', reason)
  })

  it('shows a mismatch when training on proven samples explodes, as no honest trace could', async () => {
    const huge = withFeatures(
      data,
      featuresOf(data).map(() => 3e38),
    )
    const evidence = evidenceOf({ data: huge })
    expectResult(
      await check(evidence, { dataRoot: dataRoot(huge, SECRET) }),
      'mismatch',
      'every value must be a finite',
    )
    const error = await train(trainingOf(huge)).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'state')
  })

  it('refuses to make evidence from a state that was not committed', () => {
    expect(() => evidenceOf({ stateBefore: training.final })).to.throw(
      'not the committed state before window 1',
    )
  })
})
