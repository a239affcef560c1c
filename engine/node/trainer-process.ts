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
import { elementCount, readSafetensors, type Tensor, writeSafetensors } from '../package/safetensors.ts'
import { targetPort } from '../package/sample-spec.ts'
import { checkState, maxStateBytes, type State } from '../package/state.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import type { Trainer } from '../run/runner.ts'
import type { StepBatch } from '../run/step-batch.ts'

type Answer = Awaited<ReturnType<Trainer['steps']>>

const LENGTH_BYTES = 8
const STATE = 'state/'
/** Room for the losses of a call, in bytes. */
const LOSSES_BYTES = 1024 * 1024

/**
 * Starts a program that trains.
 *
 * @param command as the shell of this machine takes it; what it writes to standard error goes to this process's
 */
export function openTrainerProcess(spec: TaskSpec, command: string): Trainer & { close(): Promise<void> } {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(over(command, error.message)))
    child.once('exit', (code, signal) => reject(over(command, `it ended with ${signal ?? `code ${code}`}`)))
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

/** Ends the program: its input ends, and whatever it still does is broken off. */
function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.stdin?.end()
  child.kill()
  return gone
}

function over(command: string, reason: string): EngineRefusal {
  return new EngineRefusal('limit', `the trainer "${command}" can't go on: ${reason}`)
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

/** Values that aren't finite are taken, as from an engine. @throws EngineRefusal `state` for another form */
function answerOf(spec: TaskSpec, bytes: Uint8Array, steps: number): Answer {
  const limits = { maxBytes: bytes.length, maxTensors: spec.state.length + 1, finite: false }
  const tensors = readSafetensors(bytes, limits)
  const losses = tensors.get('losses')
  demand(
    losses?.dtype === 'F32' && elementCount(losses.shape) === steps,
    'state',
    () => `the trainer's answer has no losses F32 [${steps}]`,
  )
  const state: State = new Map()
  for (const { name } of spec.state) {
    const tensor = tensors.get(STATE + name)
    demand(tensor?.dtype === 'F32', 'state', () => `the trainer's answer has no F32 tensor ${STATE}${name}`)
    state.set(name, tensor.data)
  }
  checkState(spec, state)
  return { state, losses: [...losses.data] }
}

function lengthOf(message: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setBigUint64(0, BigInt(message.length), true)
  return length
}

/** Reads one message at a time, of at most so many bytes. */
function reader(child: ChildProcess): (maxBytes: number) => Promise<Uint8Array> {
  const pieces = child.stdout![Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let left: Buffer = Buffer.alloc(0)
  const take = async (count: number): Promise<Uint8Array> => {
    const parts = [left]
    for (let have = left.length; have < count; ) {
      const { value, done } = await pieces.next()
      // The exit tells why.
      if (done) return new Promise(() => undefined)
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
      'state',
      () =>
        `the trainer answers with ${length} bytes, at most ${maxBytes} are the task's state; is something else written to its standard output?`,
    )
    return take(length)
  }
}
