/**
 * How far do honest windows of other runtimes end from their replay, and how far those of a cheat?
 *
 *     npm run exec -- node benchmarks/tolerance.ts [--windows 2000] [--seed 1] [--model LABEL]
 *
 * Trains each built-in model on real data in onnxruntime-node, round after round, and every window of it again in the engine, as a
 * seat does. Windows are honest on one thread, on two and with every optimisation of the graph; the cheats skip a third of a window's
 * steps and pretend nothing else, or scale what is left, or skip the window and repeat what the one before it changed. `--windows` is
 * for the fastest model; slower ones get fewer. Beyond the bound is what the first replay says, missed what stays beyond it from
 * nudged weights, too.
 */
import { cpus } from 'node:os'
import { openNativeTrainer } from '@assay/engine/node/native-trainer.ts'
import { openEngine } from '@assay/engine/node/session.ts'
import { DEFAULT_TOLERANCE, MILLION } from '@assay/engine/package/mode.ts'
import type { State } from '@assay/engine/package/state.ts'
import { windowCount } from '@assay/engine/package/task-spec.ts'
import { farFromAll } from '@assay/engine/run/nudged-replays.ts'
import type { Engine, Trainer } from '@assay/engine/run/runner.ts'
import type { StepBatch } from '@assay/engine/run/step-batch.ts'
import { windowDistance } from '@assay/engine/run/tolerance.ts'
import { windowBatches } from '@assay/engine/run/train.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { MODEL_LABELS, type ModelTask, openModelTask } from './engine/model-tasks.ts'
import { openNative } from './engine/native-engine.ts'
import { nativeRuntime } from './engine/native-runtime.ts'
import { readOptions } from './options.ts'

const USAGE = 'npm run exec -- node benchmarks/tolerance.ts [--windows 2000] [--seed 1] [--model LABEL]'
/** Every so many windows are cheated on, too. */
const CHEAT_EVERY = 10
/** What `assay task init` lets a tolerant task accept. */
const ACCEPTED = DEFAULT_TOLERANCE.relativeL2Ppm / MILLION
/** Of the windows of the fastest model, by label: how many of another are trained in about the same time. */
const SHARES = [1, 0.5, 0.2, 0.04, 0.02]

type Honest = 'one thread' | 'two threads' | 'all optimisations'
type Ways = Record<Honest, Trainer> & { replay: Engine }
type Cheat = 'a third skipped' | 'a third skipped, scaled' | 'repeated'
type Distances = Record<Honest | Cheat, number[]>

const options = readOptions(USAGE, {
  windows: { type: 'string', default: '2000' },
  seed: { type: 'string', default: '1' },
  model: { type: 'string' },
})
const seed = deriveSeed(`0x${'70'.repeat(32)}`, `tolerance ${options.seed}`)
console.log(
  `${cpus()[0]?.model} (1 of ${cpus().length} cores), Node ${process.versions.node}, seed ${options.seed}`,
)
for (const [i, label] of MODEL_LABELS.entries()) {
  if (options.model !== undefined && options.model !== label) continue
  await measure(label, Math.ceil(Number(options.windows) * SHARES[i]!))
}

async function measure(label: string, windows: number): Promise<void> {
  const modelTask = await openModelTask(label, DEFAULT_TOLERANCE, seed)
  const { task } = modelTask
  const runtime = await nativeRuntime(task.spec.engine.version)
  const native = (threads: number) => openNativeTrainer(task, runtime, { provider: 'cpu', threads })
  const honest = {
    'one thread': await native(1),
    'two threads': await native(2),
    'all optimisations': await openNative(task, runtime),
  }
  const replay = await openEngine(task)
  const { found, missed } = await distances(modelTask, { ...honest, replay }, windows)
  for (const trainer of [...Object.values(honest), replay]) await trainer.close()
  console.log(`\n${label}: ${windows} windows of ${task.spec.commitEvery} steps, relative L2 in millionths`)
  for (const [what, list] of Object.entries(found))
    console.log(`  ${what.padEnd(26)} ${quantiles(list)}, ${missed[what as Honest | Cheat]} missed`)
}

async function distances({ task, data }: ModelTask, ways: Ways, windows: number) {
  const { spec, init } = task
  const found: Distances = {
    'one thread': [],
    'two threads': [],
    'all optimisations': [],
    'a third skipped': [],
    'a third skipped, scaled': [],
    repeated: [],
  }
  const missed = Object.fromEntries(Object.keys(found).map((what) => [what, 0])) as Record<
    Honest | Cheat,
    number
  >
  for (let done = 0, round = 1; done < windows; round++) {
    const shard = { data, round: 1, batchSeed: deriveSeed(seed, 'batches', BigInt(round)) as Hash }
    let [before, previous] = [init, init]
    for (let window = 0; window < windowCount(spec) && done < windows; window++, done++) {
      const batches = windowBatches(spec, shard, window)
      const replayed = (await ways.replay.steps(before, batches)).state
      const far = (committed: State) => windowDistance(spec, { before, committed, replayed })
      const judged = async (what: Honest | Cheat, committed: State) => {
        found[what].push(far(committed))
        const seat = { engine: ways.replay, batches, seed: shard.batchSeed }
        const ends = { before, committed, replayed }
        if ((await farFromAll(seat, ends, DEFAULT_TOLERANCE)) !== undefined) missed[what] += 1
      }
      const honest = (await ways['one thread'].steps(before, batches)).state
      await judged('one thread', honest)
      for (const way of ['two threads', 'all optimisations'] as const)
        await judged(way, (await ways[way].steps(before, batches)).state)
      if (done % CHEAT_EVERY === 0 && window > 0) {
        const fewer = (await ways['one thread'].steps(before, twoThirds(batches))).state
        await judged('a third skipped', fewer)
        const scale = batches.length / twoThirds(batches).length
        await judged('a third skipped, scaled', onward(before, before, fewer, scale))
        await judged('repeated', onward(before, previous, before, 1))
      }
      previous = before
      before = honest
    }
  }
  return { found, missed }
}

function twoThirds(batches: readonly StepBatch[]): StepBatch[] {
  return batches.slice(0, Math.ceil((2 * batches.length) / 3))
}

/** `state` moved by `factor` times the way from one state to another. */
function onward(state: State, from: State, to: State, factor: number): State {
  return new Map(
    [...state].map(([name, values]) => [
      name,
      values.map((value, i) => value + factor * (to.get(name)![i]! - from.get(name)![i]!)),
    ]),
  )
}

function quantiles(list: number[]): string {
  const sorted = Float64Array.from(list).sort()
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
    return value === undefined ? 'none' : (MILLION * value).toFixed(2)
  }
  const beyond = list.filter((distance) => !(distance <= ACCEPTED)).length
  return `least ${at(0)}, median ${at(0.5)}, 99.9 % ${at(0.999)}, most ${at(1)}; ${beyond} of ${list.length} beyond ${MILLION * ACCEPTED}`
}
