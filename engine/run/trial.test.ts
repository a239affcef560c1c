import { expect } from 'chai'
import {
  encodeGraph,
  floatConstant,
  type GraphConstant,
  type GraphNode,
  intsConstant,
  node,
} from '../author/onnx-author.ts'
import { type PackageWithPool, packageOf, poolOf, smallPackage, smallTask } from '../fixtures/small-tasks.ts'
import { openSandboxedEngine } from '../node/sandbox.ts'
import { openEngine } from '../node/session.ts'
import { featuresOf, withFeatures } from '../package/features.ts'
import { evalSignature } from '../package/graph-signature.ts'
import { EngineRefusal } from '../refusal.ts'
import { type Trial, tryTask } from './trial.ts'

/** The small task whose evaluation takes one of `table`, chosen by `chosen`, and adds nothing of it. */
async function choosing(chosen: GraphNode[], constants: GraphConstant[] = []): Promise<PackageWithPool> {
  const contents = smallTask()
  const nodes = [
    node('ReduceMax', ['x'], 'largest', { keepdims: 0n }),
    ...chosen,
    node('Gather', ['table', 'place'], 'picked'),
    node('Mul', ['picked', 'zero'], 'nothing'),
    node('Neg', ['class_losses'], 'plain'),
    node('Add', ['plain', 'nothing'], 'losses'),
  ]
  const forward = [
    node('Gemm', ['x', 'w0', 'b0'], 'z0'),
    node('Relu', ['z0'], 'h1'),
    node('Gemm', ['h1', 'w1', 'b1'], 'z1'),
    node('LogSoftmax', ['z1'], 'log_p', { axis: 1n }),
    node('Mul', ['y', 'log_p'], 'y_log_p'),
    node('ReduceSum', ['y_log_p', 'class_axis'], 'class_losses', { keepdims: 0n }),
    node('Identity', ['losses'], 'metrics'),
  ]
  const table = { ...floatConstant('table', 0), dims: [10n], floatData: Array.from({ length: 10 }, () => 1) }
  const evalGraph = encodeGraph(
    'eval',
    evalSignature(contents.spec),
    [...forward.slice(0, -1), ...nodes, forward.at(-1)!],
    [
      table,
      floatConstant('zero', 0),
      floatConstant('least', 0),
      floatConstant('most', 9),
      intsConstant('class_axis', [1n]),
      ...constants,
    ],
  )
  return packageOf({ ...contents, evalGraph })
}

async function tried(task: PackageWithPool): Promise<Trial> {
  const engine = await openEngine(task)
  try {
    return await tryTask({ task, engine, samples: task.holdout })
  } finally {
    await engine.close()
  }
}

async function refusal(task: PackageWithPool): Promise<EngineRefusal> {
  const error = await tried(task).catch((thrown) => thrown)
  expect(error).to.be.instanceOf(EngineRefusal)
  return error
}

describe('a trial of a package', () => {
  it('passes a task that gives numbers on anything, and times real and extreme inputs', async () => {
    const { real, slowest } = await tried(await smallPackage())
    for (const times of [real, slowest]) {
      expect(times.stepMs).to.be.above(0)
      expect(times.evaluationMs).to.be.above(0)
    }
    expect(slowest.stepMs).to.be.at.least(real.stepMs)
  })

  it('times made-up samples where no real one is at hand, and still tries the extremes', async () => {
    const task = await smallPackage()
    const engine = await openEngine(task)
    const { real, slowest } = await tryTask({ task, engine })
    expect(real.stepMs).to.be.above(0)
    expect(slowest.evaluationMs).to.be.at.least(real.evaluationMs)
    await engine.close()
    const breaking = await choosing([node('Cast', ['largest'], 'place', { to: 7n })])
    const broken = await openEngine(breaking)
    const error = await tryTask({ task: breaking, engine: broken }).catch((thrown) => thrown)
    expect(error.message).to.contain('eval.onnx (operator set 17) fails on features of')
    await broken.close()
  })

  it('counts the fastest of the quick runs, the slowest of the inputs, and a slow run once', async () => {
    const task = await smallPackage()
    const engine = await openEngine(task)
    const quick = [9, 2, 5]
    let now = 0
    let reads = 0
    const clock = () => {
      // Each second reading ends a run.
      if (reads++ % 2 === 1) now += quick[(reads / 2 - 1) % 3]!
      return now
    }
    const { real } = await tryTask({ task, engine, samples: task.holdout, clock })
    expect(real).to.deep.equal({ stepMs: 2, evaluationMs: 2 })

    let runs = 0
    const slowClock = () => (now += runs++ < 4 ? 500 : 1_000)
    const slow = await tryTask({ task, engine, samples: task.holdout, clock: slowClock })
    expect(slow.real.stepMs).to.equal(500)
    expect(slow.slowest).to.deep.equal({ stepMs: 1_000, evaluationMs: 1_000 })
    await engine.close()
  })

  it('runs inputs once that are no slower than others, and tries slower ones again', async () => {
    const task = await smallPackage()
    const engine = await openEngine(task)
    // The first ten steps and evaluations are of a real sample. Of the next inputs, the third step is as slow at first.
    const times = [...Array.from({ length: 20 }, () => 5), 5, 5, 4, 5, 9, 7, 5, 5]
    let now = 0
    let [reads, runs] = [0, 0]
    const clock = () => {
      if (reads++ % 2 === 1) now += times[runs++] ?? 5
      return now
    }
    const { slowest } = await tryTask({ task, engine, samples: task.holdout, clock })
    expect(slowest).to.deep.equal({ stepMs: 5, evaluationMs: 5 })
    const [kinds, again] = [11, 2]
    expect(runs).to.equal(20 + 2 * kinds + again)
    await engine.close()
  })

  it('refuses a graph that a sample can break off, with file, operator set, inputs, node, reason and fix', async () => {
    const { code, message } = await refusal(await choosing([node('Cast', ['largest'], 'place', { to: 7n })]))
    expect(code).to.equal('graph')
    expect(message).to.match(
      /^eval\.onnx \(operator set 17\) fails on features of 3\.4028\d+e\+38, at node Gather \(picked\): indices element out of data bounds, idx=-?\d+ .*; clip or guard what the node takes, so that no input breaks it off$/,
    )
  })

  it('passes the same graph once what the node takes is clipped', async () => {
    const clipped = await choosing([
      node('Clip', ['largest', 'least', 'most'], 'bounded'),
      node('Cast', ['bounded'], 'place', { to: 7n }),
    ])
    expect((await tried(clipped)).real.evaluationMs).to.be.above(0)
  })

  it('refuses a graph that weights can break off', async () => {
    const byWeight = await choosing([
      node('ReduceMax', ['w0'], 'heaviest', { keepdims: 0n }),
      node('Cast', ['heaviest'], 'place', { to: 7n }),
    ])
    expect((await refusal(byWeight)).message).to.match(
      /fails on weights of ±1000000000000000, at node Gather/,
    )
  })

  it('refuses a task whose training on real samples leads to no number', async () => {
    const usual = smallTask().pool.samples
    const x = featuresOf(usual).map((value) => value * 1e30)
    const { code, message } = await refusal(await smallPackage({ pool: poolOf(withFeatures(usual, x)) }))
    expect(code).to.equal('state')
    expect(message).to.match(/^training on real samples/)
  })

  it('refuses a predict.onnx that real samples break off, or that gives no numbers', async () => {
    const predicting = async (nodes: GraphNode[], constants: GraphConstant[] = []) => {
      const contents = smallTask()
      const { evalBatchSize } = contents.spec
      const inputs = evalSignature(contents.spec).inputs.filter(({ name }) => name !== 'y')
      const outputs = [{ name: 'predictions', shape: [evalBatchSize, 1] }]
      const least = node('ReduceMin', ['x'], 'least', { axes: [1n], keepdims: 1n })
      const predictGraph = encodeGraph('predict', { inputs, outputs }, [least, ...nodes], constants)
      return refusal(await packageOf({ ...contents, predictGraph }))
    }
    const table = { ...floatConstant('table', 0), dims: [2n], floatData: [1, 1] }
    const far = floatConstant('far', 9)
    const broken = await predicting(
      [
        node('Abs', ['least'], 'size'),
        node('Add', ['size', 'far'], 'place'),
        node('Cast', ['place'], 'whole', { to: 7n }),
        node('Gather', ['table', 'whole'], 'predictions'),
      ],
      [table, far],
    )
    expect(broken.code).to.equal('graph')
    expect(broken.message).to.match(
      /^predict\.onnx \(operator set 17\) fails on real samples, at node Gather/,
    )
    const endless = await predicting([
      node('Sub', ['least', 'least'], 'nothing'),
      node('Div', ['least', 'nothing'], 'predictions'),
    ])
    expect(endless.code).to.equal('state')
    expect(endless.message).to.match(/^predict\.onnx gives -?Infinity on real samples; make it finite/)
  })

  it('passes the limits of the engine on', async () => {
    const task = await smallPackage()
    const engine = await openEngine(task)
    const spent = new EngineRefusal('limit', 'the task took longer than 5 ms')
    const slow = { ...engine, evaluate: () => Promise.reject(spent) }
    const error = await tryTask({ task, engine: slow, samples: task.holdout }).catch((thrown) => thrown)
    expect(error).to.have.property('code', 'limit')
    expect(error.message).to.equal(
      'eval.onnx (operator set 17) fails on real samples, because the task took longer than 5 ms',
    )
    await engine.close()
  })

  it('leaves a sandbox that tells its memory', async () => {
    const task = await smallPackage()
    const engine = await openSandboxedEngine(task, { memoryMb: 512, timeoutMs: 600_000 })
    await tryTask({ task, engine, samples: task.holdout })
    expect(await engine.memoryBytes()).to.be.within(2 ** 20, 512 * 2 ** 20)
    await engine.close()
  })
})
