/**
 * Is the largest state that a task may have trained and replayed bit for bit, and how much memory does that take?
 *
 *     npm run exec -- node benchmarks/large-state.ts [--values 33554432] [--windows 2] [--keep FOLDER]
 *
 * One tensor of so many values, rounded down to whole rows, is trained for a round of two windows of two steps, in the sandbox that
 * daemons use, with its default limits; its states go to disk as a contributor's do. Then all windows are shown and trained again
 * from their evidence, as validators do. With `--keep` the evidence stays in a folder, so that large/replay.ts can train it again
 * under another processor.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTraceFiles } from '@assay/contributor/trace-file.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import { dataRoot } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import { stateDataBytes, windowCount } from '@assay/engine/package/task-spec.ts'
import { checkWindowEvidence, makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { type Border, trainWindows } from '@assay/engine/run/train.ts'
import { keepShown, type Shown } from './large/shown.ts'
import { largeTask, SEED } from './large/task.ts'
import { readOptions } from './options.ts'
import { peakBytes, resetPeak } from './peak-memory.ts'

const MIB = 2 ** 20

const options = readOptions(
  'npm run exec -- node benchmarks/large-state.ts [--values 33554432] [--windows 2] [--keep FOLDER]',
  {
    values: { type: 'string', default: String(2 ** 25) },
    windows: { type: 'string', default: '2' },
    keep: { type: 'string' },
  },
)
const values = Number(options.values)
const { task, data } = await largeTask(values, Number(options.windows))
const { spec, init } = task
console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)
console.log(
  `${(stateDataBytes(spec) / 4).toLocaleString('en')} values of state, ${spec.steps} steps in ${windowCount(spec)} windows\n`,
)

const engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
const round = { data, round: 1, batchSeed: SEED }
const dataDir = await mkdtemp(join(tmpdir(), 'assay-large-'))
const traces = openTraceFiles(dataDir)
const trace = await timed('trained', () =>
  traces.write(spec, statesOf(trainWindows({ engine, base: init, ...round }))),
)
const { stateHashes, stateRoot } = trace
const shown: Shown = {
  values,
  evidence: [],
  claim: {
    ...{ round: 1, stateRoot, dataRoot: dataRoot(data, SEED), sampleCount: data.n, batchSeed: SEED },
    ...{ startHash: stateHashes[0]!, finalStateHash: stateHashes.at(-1)! },
  },
}
for (let window = 0; window < windowCount(spec); window++) {
  const evidence = await timed(`window ${window} shown`, async () => {
    const stateBefore = (await traces.read(trace, spec, window))!
    const made = { spec, window, stateHashes, start: init, stateBefore, data }
    return makeWindowEvidence({ ...made, secret: SEED, batchSeed: SEED })
  })
  shown.evidence.push(evidence)
  const found = await timed(`window ${window} trained again`, () =>
    checkWindowEvidence({ engine, evidence, window, start: init, ...shown.claim }),
  )
  const result = found.ok ? 'the same bits' : found.reason
  console.log(`  ${(evidence.length / MIB).toFixed(1)} MiB of evidence: ${result}`)
  if (!found.ok) process.exitCode = 1
}
if (options.keep !== undefined) await keepShown(options.keep, shown)
console.log(
  `wasm memory ${((await engine.memoryBytes()) / MIB).toFixed(0)} MiB of ${DEFAULT_SANDBOX_LIMITS.memoryMb}`,
)
await engine.close()
await rm(dataDir, { recursive: true })

async function* statesOf(borders: AsyncIterable<Border>): AsyncGenerator<State> {
  for await (const { state } of borders) yield state
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  await resetPeak()
  const began = performance.now()
  const done = await work()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const mib = ((await peakBytes()) / MIB).toFixed(0)
  console.log(`  ${what.padEnd(24)} ${seconds.padStart(6)} s, ${mib.padStart(6)} MiB resident at most`)
  return done
}
