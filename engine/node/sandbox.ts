/** Runs strangers' graphs in a worker that is killed when it takes too long, and that gets no more memory than its limit. */
import { Worker } from 'node:worker_threads'
import type { Batch, Inputs } from '../package/data.ts'
import type { State } from '../package/state.ts'
import { EngineRefusal, type RefusalCode } from '../refusal.ts'
import { callsOf } from '../run/calls.ts'
import { type Engine, type Evaluation, predictGraphOf, type RunnableTask } from '../run/runner.ts'
import type { StepBatch } from '../run/step-batch.ts'

export type SandboxLimits = {
  /** Most memory of the wasm engine, in MiB; the JavaScript heap beside it is bounded by the same figure. */
  memoryMb: number
  /**
   * Longest wait for the worker, opening included, in milliseconds. It is asked for as much at a time as one run may take: see
   * engine/run/calls.ts.
   */
  timeoutMs: number
}

/** What strangers' graphs get: as much memory as a run's values may take twice over, and a minute for one run. */
export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = { memoryMb: 1_024, timeoutMs: 60_000 }

/** What the worker is asked. */
export type SandboxRequest =
  | { kind: 'steps'; state: State; batches: readonly StepBatch[] }
  | { kind: 'evaluate'; state: State; batches: readonly Batch[] }
  | { kind: 'predict'; state: State; batches: readonly Inputs[] }
  | { kind: 'memory' }

/** What the worker answers. */
export type SandboxReply = { ok: true; value: unknown } | { ok: false; code: RefusalCode; message: string }

/** What the worker starts with. */
export type SandboxStart = { task: Omit<RunnableTask, 'costs'>; memoryMb: number }

/** An engine that tells how much memory it took so far: it never gives any back. */
export type SandboxedEngine = Engine & { memoryBytes(): Promise<number> }

type Steps = Awaited<ReturnType<Engine['steps']>>

/**
 * Opens a task's graphs in a worker of their own. A call that passes a limit is refused with code `limit`; the worker has
 * then ended, and all later calls are refused too.
 *
 * @throws EngineRefusal `limit` when opening passes a limit, `graph` when the runtime refuses a graph, `engine` when
 * the package is pinned to another engine.
 */
export async function openSandboxedEngine(
  task: RunnableTask,
  limits: SandboxLimits,
): Promise<SandboxedEngine> {
  const { spec, costs } = task
  const start: SandboxStart = { task: graphsOf(task), memoryMb: limits.memoryMb }
  const worker = new Worker(new URL('./sandbox-worker.ts', import.meta.url), {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    env: {},
    stdout: true,
    stderr: true,
  })
  worker.unref()
  const ask = conversation(worker, limits)
  await ask(undefined)
  return {
    spec,
    steps: async (state, batches) => {
      const whole: Steps = { state, losses: [] }
      for (const some of callsOf(batches, costs.step)) {
        const part = (await ask({ kind: 'steps', state: whole.state, batches: some })) as Steps
        whole.state = part.state
        whole.losses.push(...part.losses)
      }
      return whole
    },
    evaluate: async (state, batches) => {
      const all: Evaluation[] = []
      for (const some of callsOf(batches, costs.evaluation))
        all.push(...((await ask({ kind: 'evaluate', state, batches: some })) as Evaluation[]))
      return all
    },
    predict: async (state, batches) => {
      predictGraphOf(task)
      const all: Float32Array[] = []
      for (const some of callsOf(batches, costs.prediction ?? costs.evaluation))
        all.push(...((await ask({ kind: 'predict', state, batches: some })) as Float32Array[]))
      return all
    },
    memoryBytes: async () => (await ask({ kind: 'memory' })) as number,
    close: async () => {
      await worker.terminate()
    },
  }
}

/** Packages hold more than a worker needs. */
function graphsOf({ spec, stepGraph, evalGraph, predictGraph }: RunnableTask): SandboxStart['task'] {
  return { spec, stepGraph, evalGraph, ...(predictGraph && { predictGraph }) }
}

/** Sends one request at a time; `undefined` waits for the worker's first message, that it is ready. */
function conversation(worker: Worker, limits: SandboxLimits): (request?: SandboxRequest) => Promise<unknown> {
  let queue: Promise<unknown> = Promise.resolve()
  let ended: EngineRefusal | undefined
  const refuse = (message: string) => {
    ended ??= new EngineRefusal('limit', message)
    return ended
  }
  worker.on('error', (error) => refuse(`the sandbox failed: ${error.message}`))
  worker.on('exit', (code) => refuse(`the sandbox is closed (exit code ${code})`))

  const exchange = (request?: SandboxRequest) =>
    new Promise<unknown>((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      const timer = setTimeout(() => {
        const refusal = refuse(`the task's graphs took longer than ${limits.timeoutMs} ms`)
        worker.terminate().then(() => reject(refusal), reject)
      }, limits.timeoutMs)
      const settle = (act: () => void) => {
        clearTimeout(timer)
        worker.off('message', onMessage).off('error', onEnd).off('exit', onEnd)
        act()
      }
      const onMessage = (reply: SandboxReply) => {
        settle(() => (reply.ok ? resolve(reply.value) : reject(new EngineRefusal(reply.code, reply.message))))
      }
      const onEnd = () => settle(() => reject(refuse('the sandbox ended')))
      worker.on('message', onMessage).on('error', onEnd).on('exit', onEnd)
      if (request !== undefined) worker.postMessage(request)
    })
  return (request) => {
    const answer = queue.then(() => exchange(request))
    queue = answer.catch(() => undefined)
    return answer
  }
}
