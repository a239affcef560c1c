import { expect } from 'chai'
import { encodeGraph, type GraphConstant, type GraphNode, intsConstant, node } from '../author/onnx-author.ts'
import { SEED, smallPackage } from '../fixtures/small-tasks.ts'
import type { Hash } from '../hash.ts'
import { makeBatch } from '../package/data.ts'
import { evalSignature, stepSignature } from '../package/graph-signature.ts'
import { stateHash } from '../package/state.ts'
import type { RunnableTask } from '../run/runner.ts'
import { makeStepBatch } from '../run/step-batch.ts'
import { train } from '../run/train.ts'
import { openSandboxedEngine } from './sandbox.ts'
import { openEngine } from './session.ts'

/** So long that no honest call reaches it, however slow the machine is. */
const PATIENT_MS = 600_000
const DRAW = { rate: 0.1, seed: SEED, step: 0 }
const GENEROUS = { memoryMb: 512, timeoutMs: PATIENT_MS }

/** The small task with a step that first does `nodes` for nothing. */
async function wasteful(nodes: GraphNode[], constants: GraphConstant[]): Promise<RunnableTask> {
  const { spec, evalGraph, costs } = await smallPackage()
  const signature = stepSignature(spec)
  const copies = spec.state.map(({ name }) => node('Identity', [name], `${name}_next`))
  const loss = node('ReduceSum', ['waste'], 'loss', { keepdims: 0n })
  return {
    spec,
    evalGraph,
    costs,
    stepGraph: encodeGraph('step', signature, [...nodes, ...copies, loss], constants),
  }
}

describe('sandboxed engine', () => {
  it('trains and evaluates to the same bits as the engine in process', async () => {
    const task = await smallPackage()
    const batchSeed: Hash = `0x${'ab'.repeat(32)}`
    const inside = await openSandboxedEngine(task, GENEROUS)
    const outside = await openEngine(task)
    const options = { base: task.init, data: task.holdout, round: 1, batchSeed }
    const [a, b] = [await train({ engine: inside, ...options }), await train({ engine: outside, ...options })]
    expect(a.stateRoot).to.equal(b.stateRoot)
    expect(stateHash(task.spec, a.final)).to.equal(stateHash(task.spec, b.final))

    const batch = makeBatch(task.spec, task.holdout, [1, 2, 3], task.spec.evalBatchSize)
    expect(await inside.evaluate(a.final, [batch])).to.deep.equal(await outside.evaluate(b.final, [batch]))
    await inside.close()
    await outside.close()
  })

  it('comes to the same bits when each batch needs a call of its own', async () => {
    const task = await smallPackage()
    const largest = { operations: 2 ** 34, memoryBytes: 1 }
    const apart = await openSandboxedEngine(
      { ...task, costs: { step: largest, evaluation: largest } },
      GENEROUS,
    )
    const together = await openEngine(task)
    const { init, holdout, spec } = task
    const steps = [0, 1, 2].map((i) =>
      makeStepBatch(spec, holdout, [i, i + 1, i + 2, i + 3], { rate: 0.1 + i, seed: SEED, step: i }),
    )
    expect(await apart.steps(init, steps)).to.deep.equal(await together.steps(init, steps))
    const rows = [0, 5].map((i) => makeBatch(spec, holdout, [i, i + 1], spec.evalBatchSize))
    expect(await apart.evaluate(init, rows)).to.deep.equal(await together.evaluate(init, rows))
    await apart.close()
    await together.close()
  })

  it('starves a graph that wants all memory, and says so', async () => {
    const huge = [8_000n, 8_000n] // 256 MB
    const task = await wasteful([node('Expand', ['lr', 'shape'], 'waste')], [intsConstant('shape', huge)])
    const engine = await openSandboxedEngine(task, { memoryMb: 128, timeoutMs: PATIENT_MS })
    const { spec, init, holdout } = await smallPackage()
    const before = process.memoryUsage().rss
    const batch = makeStepBatch(spec, holdout, [0, 1, 2, 3], DRAW)
    const error = await engine.steps(init, [batch]).catch((reason) => reason)
    expect(error).to.have.property('code', 'limit')
    expect(error.message).to.match(/more than 128 MiB/)
    expect(process.memoryUsage().rss - before).to.be.below(400 * 1024 * 1024)
    await engine.close()
  })

  it('kills a graph that takes too long, and refuses every later call', async () => {
    // 54 million million operations: hours of work for this runtime.
    const shape = intsConstant('shape', [3000n, 3000n])
    const products = Array.from({ length: 1000 }, (_, i) =>
      node('MatMul', [i === 0 ? 'square' : `p${i - 1}`, 'square'], i === 999 ? 'waste' : `p${i}`),
    )
    const task = await wasteful([node('Expand', ['lr', 'shape'], 'square'), ...products], [shape])
    const limits = { memoryMb: 2048, timeoutMs: PATIENT_MS }
    const engine = await openSandboxedEngine(task, limits)
    limits.timeoutMs = 500 // only now: opening is an honest call
    const { spec, init, holdout } = await smallPackage()
    const batch = makeStepBatch(spec, holdout, [0, 1, 2, 3], DRAW)
    const step = () => engine.steps(init, [batch]).catch((reason) => reason)
    const [first, second] = await Promise.all([step(), step()])
    expect(first).to.have.property('code', 'limit')
    expect(first.message).to.contain('longer than 500 ms')
    expect(second).to.have.property('code', 'limit')
  })

  it('reports a graph that the runtime refuses, and one whose results have another size', async () => {
    const unknownValue = await wasteful([node('Neg', ['nowhere'], 'waste')], [])
    const error = await openSandboxedEngine(unknownValue, GENEROUS).catch((reason) => reason)
    expect(error).to.have.property('code', 'graph')
    expect(error.message).to.contain('the runtime refuses step.onnx')

    const task = await smallPackage()
    const signature = evalSignature(task.spec)
    const evalGraph = encodeGraph(
      'eval',
      signature,
      [
        // Only at run time is the length known: −1 · max(y) = −1, "all that there is".
        node('ReduceMax', ['y'], 'one', { keepdims: 0n }),
        node('Cast', ['one'], 'one_int', { to: 7n }),
        node('Mul', ['one_int', 'minus_one'], 'all'),
        node('Reshape', ['x', 'all'], 'losses'),
        node('Identity', ['losses'], 'metrics'),
      ],
      [intsConstant('minus_one', [-1n])],
    )
    const engine = await openSandboxedEngine({ ...task, evalGraph }, GENEROUS)
    const batch = makeBatch(task.spec, task.holdout, [0], task.spec.evalBatchSize)
    const wrongSize = await engine.evaluate(task.init, [batch]).catch((reason) => reason)
    expect(wrongSize).to.have.property('code', 'graph')
    expect(wrongSize.message).to.contain('output losses is not 16 float32 values')
    await engine.close()
  })

  it('refuses a package that is pinned to another engine', async () => {
    const task = await smallPackage()
    const engine = { ...task.spec.engine, version: '1.0.0' }
    const error = await openSandboxedEngine({ ...task, spec: { ...task.spec, engine } }, GENEROUS).catch(
      (e) => e,
    )
    expect(error).to.have.property('code', 'engine')
    expect(error.message).to.contain('pinned to onnxruntime-web 1.0.0')
  })
})
