/**
 * How much memory does an oracle take for a cohort of a large task?
 *
 *     npm run exec -- node --expose-gc benchmarks/oracle-memory.ts [--values 8388608] [--members 16]
 *
 * Updates with one tensor of so many values lie in a folder. Beside the seven models that an oracle keeps, they are read as stages
 * S0 and S1 do, compared with the last five global steps and with one another as S2 does, and aggregated. Beside them two windows are
 * trained in the sandbox that daemons use, as for a reference update; to train a window again from its evidence takes more by what
 * large-state.ts tells.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { aggregateCohort } from '@assay/engine/aggregate/aggregate.ts'
import { DEFAULT_SANDBOX_LIMITS, openSandboxedEngine } from '@assay/engine/node/sandbox.ts'
import { modelHash } from '@assay/engine/package/model.ts'
import type { State } from '@assay/engine/package/state.ts'
import { trainWindows } from '@assay/engine/run/train.ts'
import { delta, maxUpdateBytes, parseUpdate, updateFile } from '@assay/engine/run/update.ts'
import { withMemory } from '@assay/oracle/blob-memory.ts'
import { findRepeats } from '@assay/oracle/verify/similarity.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { openFileStore } from '@assay/store/file-store.ts'
import { largeTask, SEED } from './large/task.ts'
import { readOptions } from './options.ts'
import { peakBytes, resetPeak } from './peak-memory.ts'

const MIB = 2 ** 20
const WINDOWS = 2
const KEPT_MODELS = 7
const GLOBAL_STEPS = 5

const options = readOptions(
  'npm run exec -- node --expose-gc benchmarks/oracle-memory.ts [--values 8388608] [--members 16]',
  { values: { type: 'string', default: String(2 ** 23) }, members: { type: 'string', default: '16' } },
)
const members = Number(options.members)
const { task, data } = await largeTask(Number(options.values), WINDOWS)
const { spec, init } = task
console.log(`${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}`)
console.log(`${Number(options.values).toLocaleString('en')} values of state, ${members} members\n`)

const dir = await mkdtemp(join(tmpdir(), 'assay-oracle-'))
const files = await openFileStore({ dir })
const hashes: Hash[] = []
for (let n = 0; n < members; n++) hashes.push(await files.put(updateFile(spec, changed(n))))
const models = Array.from({ length: KEPT_MODELS - 1 }, (_, i) => changed(100 + i))
globalThis.gc?.()
console.log(`  ${'with seven models'.padEnd(24)} ${mib(process.memoryUsage().rss)} MiB resident`)

const store = withMemory(files)
const finals: State[] = []
await peakOf('updates read', async () => {
  for (const hash of hashes) {
    const { model } = parseUpdate(spec, await store.get(hash, { maxBytes: maxUpdateBytes(spec) }))
    finals.push(model)
  }
})
await peakOf('updates compared', async () => {
  const steps = models.slice(0, GLOBAL_STEPS).map((model) => () => delta(spec, init, model))
  const comparable = finals.map((final, order) => ({
    contributor: `0x${order.toString(16).padStart(40, '0')}` as const,
    order,
    modelHash: modelHash(spec, final),
    vector: () => delta(spec, init, final),
    training: 'proven' as const,
  }))
  console.log(`  ${findRepeats(comparable, steps).size} repeats found`)
})
await peakOf('updates aggregated', async () => {
  aggregateCohort({ spec, base: init, members: finals.map((final) => ({ final, weight: 1n })) })
})
await peakOf('windows trained', async () => {
  const engine = await openSandboxedEngine(task, DEFAULT_SANDBOX_LIMITS)
  for await (const _ of trainWindows({ engine, base: init, data, round: 1, batchSeed: SEED }));
  await engine.close()
})
console.log(`  beside ${finals.length} updates and ${models.length + 1} models`)
await rm(dir, { recursive: true })

/** The first state with other values, which are no copy of those of another number. */
function changed(n: number): State {
  return new Map([...init].map(([name, data]) => [name, data.map((value, i) => value + offset(n, i))]))
}

/** Scattered values from −0.01 to 0.01. */
function offset(n: number, i: number): number {
  return ((Math.imul(i + 1, 0x9e3779b1 + 2 * n) >> 8) / 2 ** 23) * 0.01
}

async function peakOf(what: string, work: () => Promise<void>): Promise<void> {
  globalThis.gc?.()
  await resetPeak()
  await work()
  console.log(`  ${what.padEnd(24)} ${mib(await peakBytes())} MiB resident at most`)
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(0)
}
