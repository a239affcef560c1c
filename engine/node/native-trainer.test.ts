import { expect } from 'chai'
import { tolerant } from '../fixtures/inexact.ts'
import { blobs, packageOf, seedOf, smallTask } from '../fixtures/small-tasks.ts'
import { EngineRefusal } from '../refusal.ts'
import { train } from '../run/train.ts'
import { loadNativeRuntime, type NativeRuntime, openNativeTrainer } from './native-trainer.ts'
import { openEngine } from './session.ts'

describe('training in the native runtime', () => {
  it('says how to install it where it is missing', () => {
    const missing = () => {
      throw new Error("Cannot find module 'onnxruntime-node'\nRequire stack: …")
    }
    expect(() => loadNativeRuntime('1.30.0', missing))
      .to.throw(
        EngineRefusal,
        "onnxruntime-node can't be loaded (Cannot find module 'onnxruntime-node'): install it",
      )
      .and.have.property('message')
      .that.matches(/npm install --no-save --ignore-scripts onnxruntime-node@1\.30\.0$/)
  })

  it('runs the step with what it was asked for, and takes the states as they come', async () => {
    const task = await packageOf(tolerant(smallTask()))
    const engine = await openEngine(task)
    const asked: unknown[] = []
    // onnxruntime-web has the same interface; where it computes is its own matter.
    const web = await import('onnxruntime-web/wasm')
    const runtime = {
      Tensor: web.Tensor,
      InferenceSession: {
        create: (graph: Uint8Array, { executionProviders, intraOpNumThreads }: Record<string, unknown>) => {
          asked.push({ executionProviders, intraOpNumThreads })
          return web.InferenceSession.create(graph, { graphOptimizationLevel: 'disabled' })
        },
      },
    } as unknown as NativeRuntime
    const trainer = await openNativeTrainer(task, runtime, { provider: 'cuda', threads: 2 })
    const round = {
      base: task.init,
      data: blobs(30, seedOf('shard')),
      round: 1,
      batchSeed: seedOf('batches'),
    }
    expect(await train({ engine: trainer, ...round })).to.deep.equal(await train({ engine, ...round }))
    expect(asked).to.deep.equal([{ executionProviders: ['cuda'], intraOpNumThreads: 2 }])
    await Promise.all([trainer.close(), engine.close()])
  })

  it('refuses a provider that the runtime has not got', async () => {
    const task = await packageOf(tolerant(smallTask()))
    const create = () => Promise.reject(new Error('backend "cuda" is not supported'))
    const runtime = { InferenceSession: { create } } as unknown as NativeRuntime
    const refusal = await openNativeTrainer(task, runtime, { provider: 'cuda', threads: 0 }).catch(
      (error: Error) => error.message,
    )
    expect(refusal).to.equal('onnxruntime-node on cuda refuses step.onnx: backend "cuda" is not supported')
  })
})
