import { merkleProof } from '@assay/sdk/protocol/merkle.ts'
import { expect } from 'chai'
import fc from 'fast-check'
import { blobs, noiseVector, type PackageWithPool, seedOf, smallPackage } from '../fixtures/small-tasks.ts'
import { updateBytes } from '../fixtures/update-bytes.ts'
import { robustFlags } from '../judge/robust.ts'
import { openEngine } from '../node/session.ts'
import { evaluateDataset, sampleLosses } from '../run/evaluate.ts'
import { delta, maxUpdateBytes, parseUpdate, unflatten } from '../run/update.ts'
import { dataLeaves, dataRoot, dataSalt, makeBatch, readDataset, subset, writeDataset } from './data.ts'
import { featuresOf, withFeatures } from './features.ts'
import { expectedProofLength } from './merkle-position.ts'
import { type Tensor, writeSafetensors } from './safetensors.ts'
import { parseState, serializeState, stateHash, stateProof, stateRoot, verifyStateLeaf } from './state.ts'

let task: PackageWithPool

before(async () => {
  task = await smallPackage()
})

describe('states', () => {
  it('are read back as written', () => {
    const bytes = serializeState(task.spec, task.init)
    expect(parseState(task.spec, bytes)).to.deep.equal(task.init)
    expect(serializeState(task.spec, parseState(task.spec, bytes))).to.deep.equal(bytes)
  })

  it('are refused with a value that is not finite, naming it', () => {
    const broken = new Map(task.init).set('b0', Float32Array.of(0, 1, Number.NaN, 0, 0, 0))
    expect(() => stateHash(task.spec, broken))
      .to.throw('b0[2] is NaN')
      .with.property('code', 'state')
    expect(() => serializeState(task.spec, broken)).to.throw('b0[2] is NaN')
  })

  it('are refused with tensors missing, surplus or of another size', () => {
    const without = new Map([...task.init].slice(1))
    expect(() => stateHash(task.spec, without)).to.throw('state has 3 tensors, the task has 4')
    const longer = new Map(task.init).set('b0', new Float32Array(7))
    expect(() => stateHash(task.spec, longer)).to.throw('b0 has 7 values, its shape [6] has 6')
  })
})

describe('updates (S1)', () => {
  const bytesOf = (changes: Record<string, Tensor>) => {
    const tensors = task.spec.state.map(({ name, shape }): [string, Tensor] => [
      name,
      { dtype: 'F32', shape, data: task.init.get(name)! },
    ])
    return writeSafetensors(new Map([...tensors, ...Object.entries(changes)]))
  }

  function expectRefusal(bytes: Uint8Array, reason: string | RegExp): void {
    expect(() => parseUpdate(task.spec, bytes))
      .to.throw(reason)
      .with.property('code', 'state')
  }

  it('pass when they are exactly the state', () => {
    expect(parseUpdate(task.spec, updateBytes(task.spec, task.init)).model).to.deep.equal(task.init)
  })

  it('are refused with NaN, another shape, another type, or a tensor too many (attack 24)', () => {
    const f32 = (shape: number[], data: Float32Array): Tensor => ({ dtype: 'F32', shape, data })
    expectRefusal(bytesOf({ b0: f32([6], new Float32Array(6).fill(Number.NaN)) }), 'b0[0] is NaN')
    expectRefusal(bytesOf({ b0: f32([2, 3], new Float32Array(6)) }), 'b0 has shape [2,3], the task says [6]')
    expectRefusal(bytesOf({ b0: { dtype: 'I32', shape: [6], data: new Int32Array(6) } }), 'no F32 tensor b0')
    expectRefusal(bytesOf({ extra: f32([1], new Float32Array(1)) }), 'state file: 5 tensors, the limit is 4')
    expectRefusal(
      bytesOf({ b0: f32([6], new Float32Array(6).fill(1e30)) }),
      'values go up to ±1000000000000000',
    )
  })

  it('are refused past their size before they are read', () => {
    const limit = maxUpdateBytes(task.spec)
    expectRefusal(new Uint8Array(limit + 1), `file has ${limit + 1} bytes, the limit is ${limit}`)
  })

  it('flatten to differences, and back', () => {
    const vector = noiseVector(delta(task.spec, task.init, task.init).length, seedOf('flat'))
    const state = unflatten(task.spec, vector)
    const zero = unflatten(task.spec, new Float32Array(vector.length))
    expect(delta(task.spec, zero, state)).to.deep.equal(vector)
    expect(delta(task.spec, task.init, task.init).every((value) => value === 0)).to.equal(true)
    expect(() => unflatten(task.spec, vector.slice(1))).to.throw('values')
  })
})

describe('datasets', () => {
  it('are read back as written', () => {
    const data = blobs(7, seedOf('data'))
    expect(readDataset(writeDataset(data, task.spec), task.spec)).to.deep.equal(data)
  })

  it('are refused with other shapes, labels or too many samples', () => {
    const data = blobs(7, seedOf('data'))
    const labels = Int32Array.from(data.y)
    const read = (changes: Record<string, Tensor>) => {
      const tensors = new Map<string, Tensor>([
        ['x', { dtype: 'F32', shape: [7, 8], data: featuresOf(data) }],
        ['y', { dtype: 'I32', shape: [7], data: labels }],
      ])
      return readDataset(writeSafetensors(new Map([...tensors, ...Object.entries(changes)])), task.spec)
    }
    expect(() => read({ x: { dtype: 'F32', shape: [8, 7], data: featuresOf(data) } })).to.throw(
      'x has shape [8,7], expected [7,8]',
    )
    expect(() => read({ y: { dtype: 'I32', shape: [7], data: labels.with(2, -1) } })).to.throw('y[2] is -1')
    expect(() => read({ y: { dtype: 'I32', shape: [7, 1], data: labels } })).to.throw('y has shape [7,1]')
    expect(() => read({ z: { dtype: 'U8', shape: [0], data: new Uint8Array(0) } })).to.throw('3 tensors')
    const limits = { maxBytes: 1e6, maxSamples: 6 }
    expect(() => readDataset(writeDataset(data, task.spec), task.spec, limits)).to.throw(
      'expected 1 to 6 samples',
    )
  })

  it('commit to every sample, its place and its label', () => {
    const data = blobs(9, seedOf('data'))
    const secret = seedOf('secret')
    const root = dataRoot(data, secret)
    expect(new Set(dataLeaves(data, secret)).size).to.equal(9)
    expect(dataRoot({ ...data, y: data.y.with(4, (data.y[4]! + 1) % 3) }, secret)).not.to.equal(root)
    expect(dataRoot(withFeatures(data, featuresOf(data).with(4, 9)), secret)).not.to.equal(root)
    expect(dataRoot(subset(data, [1, 0, 2, 3, 4, 5, 6, 7, 8]), secret)).not.to.equal(root)
    expect(dataRoot(data, seedOf('other'))).not.to.equal(root)
    expect(dataSalt(secret, 1)).not.to.equal(dataSalt(secret, 2))
  })

  it('become batches of one-hot labels, missing rows zero', () => {
    const data = blobs(5, seedOf('data'))
    const batch = makeBatch(task.spec, data, [4, 2], 3)
    const [x, { y }] = [featuresOf(batch), batch]
    expect([...x.subarray(0, 8)]).to.deep.equal([...featuresOf(data).subarray(32, 40)])
    expect([...x.subarray(16)]).to.deep.equal(new Array(8).fill(0))
    expect(y.indexOf(1)).to.equal(data.y[4])
    expect([...y.subarray(6)]).to.deep.equal([0, 0, 0])
    expect(() => makeBatch(task.spec, data, [5])).to.throw('sample 5 of a dataset of 5')
  })
})

describe('evaluation', () => {
  it('gives each sample its loss, wherever it stands in a batch', async () => {
    const engine = await openEngine(task)
    const { holdout: data, init: state } = task
    const indices = Array.from({ length: 37 }, (_, i) => (i * 5) % data.n)
    const losses = await sampleLosses({ engine, state, data, indices })
    expect(losses).to.have.length(37)
    for (const i of [0, 20, 36]) {
      const [alone] = await sampleLosses({ engine, state, data, indices: [indices[i]!] })
      expect(alone).to.be.closeTo(losses[i]!, 1e-5)
    }
    const { meanMetric, meanLoss, meanLossSize, strata } = await evaluateDataset({ engine, state, data })
    expect(strata.reduce((sum, { total }) => sum + total, 0)).to.equal(data.n)
    expect(strata.reduce((sum, { metricSum }) => sum + metricSum, 0) / data.n).to.equal(meanMetric)
    expect(strata.reduce((sum, { lossSum }) => sum + lossSum, 0) / data.n).to.be.closeTo(meanLoss, 1e-9)
    expect(meanLossSize, 'no loss is negative').to.equal(meanLoss)
    expect(meanLoss).to.be.above(0)
    await engine.close()
  })
})

describe('the tree of a trace', () => {
  const hashes = Array.from({ length: 13 }, (_, i) => seedOf('state', BigInt(i)))

  it('proves each state at its own place only', () => {
    const root = stateRoot(hashes)
    hashes.forEach((hash, index) => {
      const proof = stateProof(hashes, index)
      const leafCount = hashes.length
      expect(verifyStateLeaf({ root, index, stateHash: hash, proof, leafCount })).to.equal(true)
      expect(verifyStateLeaf({ root, index: index + 1, stateHash: hash, proof, leafCount })).to.equal(false)
      expect(verifyStateLeaf({ root, index, stateHash: hash, proof: proof.slice(1), leafCount })).to.equal(
        false,
      )
      expect(verifyStateLeaf({ root, index, stateHash: hash, proof, leafCount: 5 })).to.equal(false)
    })
  })
})

describe('places in a Merkle tree', () => {
  it('have the proof length that real proofs have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(), (count, pick) => {
        const leaves = Array.from({ length: count }, (_, i) => seedOf('leaf', BigInt(i)))
        const index = pick % count
        expect(expectedProofLength(index, count)).to.equal(merkleProof(leaves, index).length)
      }),
      { seed: 71, numRuns: 100 },
    )
  })
})

describe('robust flags (S3)', () => {
  const honest = Array.from({ length: 8 }, (_, i) => noiseVector(500, seedOf('robust', BigInt(i))))

  it('leave an even population alone', () => {
    expect(robustFlags(honest).some(({ flagged }) => flagged)).to.equal(false)
  })

  it('point at what is far too long, and at what hides in the middle (attacks 6, 9)', () => {
    const inflated = honest[0]!.map((value) => 10 * value)
    expect(robustFlags([...honest, inflated]).at(-1)!.flagged).to.equal(true)
    const middle = new Float32Array(500)
    expect(robustFlags([...honest, middle]).at(-1)!.flagged).to.equal(true)
  })

  it('say nothing of a handful', () => {
    expect(robustFlags(honest.slice(0, 3)).every(({ flagged }) => !flagged)).to.equal(true)
  })
})
