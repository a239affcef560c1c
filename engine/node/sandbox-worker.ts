/** The worker behind sandbox.ts: one engine, one task, bounded memory. */
import { parentPort, workerData } from 'node:worker_threads'
import { runRefusal } from '../run/run-failure.ts'
import type { Engine } from '../run/runner.ts'
import type { SandboxReply, SandboxRequest, SandboxStart } from './sandbox.ts'

const BYTES_PER_PAGE = 64 * 1024
const PAGES_PER_MB = (1024 * 1024) / BYTES_PER_PAGE

/**
 * Caps the memory of every wasm module made here. V8's resource limits don't count it, and the engine's module asks for
 * up to 4 GiB; an instance may be given less than its module declares, and then `memory.grow` fails inside it.
 *
 * @returns tells how much memory they have, in bytes
 */
function capWasmMemory(maxPages: number): () => number {
  const made: WebAssembly.Memory[] = []
  const Uncapped = WebAssembly.Memory
  WebAssembly.Memory = class extends Uncapped {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super({ ...descriptor, maximum: Math.min(descriptor.maximum ?? maxPages, maxPages) })
      made.push(this)
    }
  }
  return () => made.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
}

async function answer(work: () => Promise<unknown>): Promise<SandboxReply> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    const { code, message } = runRefusal('the sandboxed engine failed', error)
    if (code !== 'limit') return { ok: false, code, message }
    return { ok: false, code, message: `the task's graphs want more than ${memoryMb} MiB (${message})` }
  }
}

const { task, memoryMb } = workerData as SandboxStart
const memoryBytes = capWasmMemory(memoryMb * PAGES_PER_MB)

async function act(request: SandboxRequest): Promise<unknown> {
  if (request.kind === 'memory') return memoryBytes()
  if (request.kind === 'steps') return engine!.steps(request.state, request.batches)
  if (request.kind === 'predict') return engine!.predict(request.state, request.batches)
  return engine!.evaluate(request.state, request.batches)
}

let engine: Engine | undefined
const opened = await answer(async () => {
  // Imported only now, so that the cap applies to the engine's module.
  const { openEngine } = await import('./session.ts')
  engine = await openEngine(task)
})
parentPort!.postMessage(opened)
parentPort!.on('message', async (request: SandboxRequest) => {
  parentPort!.postMessage(await answer(() => act(request)))
})
