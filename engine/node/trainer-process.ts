/**
 * Trains in another program, for tolerant tasks: PyTorch, a GPU's runtime, whatever runs the same step. The program reads requests from
 * its standard input and answers on its standard output, one after the other, until its input ends. Each message is its length in
 * bytes (u64, little-endian) and a safetensors file:
 *
 *     request    state/<tensor> F32 · <k>/<input> F32 or I32 [batchSize, …] · <k>/y · <k>/lr F32 [] · <k>/<noise> F32
 *                for the steps k = 0, 1, …, as step.onnx takes them; int64 as I32
 *     answer     state/<tensor> F32 after the last step · losses F32 [steps]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { elementCount, readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { targetPort } from '../package/sample-spec.ts'
import { maxStateBytes, type State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand, EngineRefusal, refusingAs } from '../refusal.ts'
import type { Trainer } from '../run/runner.ts'
import type { StepBatch } from '../run/step-batch.ts'

type Answer = Awaited<ReturnType<Trainer['steps']>>

const LENGTH_BYTES = 8
const STATE = 'state/'
/** Between the end of a program's output and its own. */
const GRACE_MS = 2_000
/** Room for the losses of a call, in bytes. */
const LOSSES_BYTES = 1024 * 1024

/**
 * Starts a program that trains.
 *
 * @param command as the shell of this machine takes it; what it writes to standard error goes to this process's
 */
export function openTrainerProcess(spec: TaskSpec, command: string): Trainer & { close(): Promise<void> } {
  // A group of its own, so that all that the shell starts ends with it, and an interrupt at the terminal is the daemon's.
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(over(command, error.message)))
    // Not at its exit: what it wrote before may still have to be read.
    child.once('close', (code, signal) => reject(over(command, `it ended with ${signal ?? `code ${code}`}`)))
  })
  // Told to whoever waits for an answer; nobody may.
  ended.catch(() => undefined)
  // A program that ended says so by its exit.
  child.stdin.on('error', () => undefined)
  const read = reader(child)
  let queue: Promise<unknown> = Promise.resolve()
  const ask = async (state: State, batches: readonly StepBatch[]) => {
    const request = requestOf(spec, state, batches)
    child.stdin.write(lengthOf(request))
    child.stdin.write(request)
    return answerOf(
      spec,
      await Promise.race([read(maxStateBytes(spec) + LOSSES_BYTES), ended]),
      batches.length,
    )
  }
  return {
    spec,
    steps: (state, batches) => {
      const answer = queue.then(() => ask(state, batches))
      queue = answer.catch(() => undefined)
      return answer
    },
    close: () => endOf(child),
  }
}

/** Ends the program and all that it started; whatever they still do is broken off. */
async function endOf(child: ChildProcess): Promise<void> {
  child.stdin?.destroy()
  child.stdout?.destroy()
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
  await gone
}

function over(command: string, reason: string): EngineRefusal {
  return new EngineRefusal('engine', `the trainer "${command}" can't go on: ${reason}`)
}

function requestOf(spec: TaskSpec, state: State, batches: readonly StepBatch[]): Uint8Array {
  const tensors = new Map<string, Tensor>()
  for (const { name, shape } of spec.state)
    tensors.set(STATE + name, { dtype: 'F32', shape: [...shape], data: state.get(name)! })
  batches.forEach((batch, k) => {
    for (const [name, tensor] of stepTensors(spec, batch)) tensors.set(`${k}/${name}`, tensor)
  })
  return writeSafetensors(tensors)
}

/** What one step takes beside the state. */
function* stepTensors(spec: TaskSpec, batch: StepBatch): Iterable<[name: string, tensor: Tensor]> {
  const rows = (data: Float32Array | Int32Array, shape: readonly number[]): Tensor => {
    const full = [spec.batchSize, ...shape]
    return data instanceof Float32Array
      ? { dtype: 'F32', shape: full, data }
      : { dtype: 'I32', shape: full, data }
  }
  for (const { name, shape } of spec.inputs) yield [name, rows(batch.inputs[name]!, shape)]
  yield ['y', rows(batch.y, targetPort(spec.target).shape)]
  yield ['lr', { dtype: 'F32', shape: [], data: Float32Array.of(batch.rate) }]
  for (const { name, shape } of spec.noise)
    yield [name, { dtype: 'F32', shape: [...shape], data: batch.noise.get(name)! }]
}

/**
 * Values that aren't finite are taken, as from an engine.
 *
 * @throws EngineRefusal `engine` for another form: that is the program's, and says nothing about the training
 */
function answerOf(spec: TaskSpec, bytes: Uint8Array, steps: number): Answer {
  const limits = { maxBytes: bytes.length, maxTensors: spec.state.length + 1, finite: false }
  const tensors = refusingAs('engine', "the trainer's answer", () => readSafetensors(bytes, limits))
  const losses = tensors.get('losses')
  demand(
    losses?.dtype === 'F32' && elementCount(losses.shape) === steps,
    'engine',
    () => `the trainer's answer has no losses F32 [${steps}]`,
  )
  const state: State = new Map()
  for (const { name, shape } of spec.state) {
    const tensor = tensors.get(STATE + name)
    demand(
      tensor?.dtype === 'F32' && tensor.data.length === elementCount(shape),
      'engine',
      () => `the trainer's answer has no tensor ${STATE}${name}, F32 [${shape}]`,
    )
    state.set(name, tensor.data)
  }
  return { state, losses: [...losses.data] }
}

function lengthOf(message: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setBigUint64(0, BigInt(message.length), true)
  return length
}

/** Waits a moment for the program's end, which says more; it may also live on, and never answer. */
async function outputEnded(): Promise<never> {
  await sleep(GRACE_MS, undefined, { ref: false })
  throw new EngineRefusal('engine', 'the trainer closed its standard output')
}

/** Reads one message at a time, of at most so many bytes. */
function reader(child: ChildProcess): (maxBytes: number) => Promise<Uint8Array> {
  const pieces = child.stdout![Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let left: Buffer = Buffer.alloc(0)
  const take = async (count: number): Promise<Uint8Array> => {
    const parts = [left]
    for (let have = left.length; have < count; ) {
      // An output that is closed here ends like one that the program closed.
      const { value, done } = await pieces.next().catch(() => ({ value: undefined, done: true as const }))
      if (done) return outputEnded()
      parts.push(value)
      have += value.length
    }
    const all = Buffer.concat(parts)
    left = all.subarray(count)
    return all.subarray(0, count)
  }
  return async (maxBytes) => {
    const head = await take(LENGTH_BYTES)
    const length = Number(Buffer.from(head).readBigUInt64LE())
    demand(
      length <= maxBytes,
      'engine',
      () =>
        `the trainer answers with ${length} bytes, at most ${maxBytes} are the task's state; is something else written to its standard output?`,
    )
    return take(length)
  }
}
