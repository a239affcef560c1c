/**
 * Runs a task's graphs before money depends on them: on real samples, and on whatever else a contributor may send. What
 * fails here would fail a validator in the middle of a round.
 */

import { type Batch, type Dataset, makeBatch, subset, type Values } from '../package/data.ts'
import { operatorSetOf } from '../package/graph-label.ts'
import { elementCount } from '../package/safetensors.ts'
import { type Target, targetSize } from '../package/sample-spec.ts'
import { assertFinite, type State } from '../package/state.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import type { TaskSpec } from '../package/task-spec.ts'
import { demand, EngineRefusal, refusingAs } from '../refusal.ts'
import type { Engine } from './runner.ts'
import { makeStepBatch, roundStep, type StepBatch, stepNoise } from './step-batch.ts'

/** What one run takes on this machine, in milliseconds. */
export type RunTimes = { stepMs: number; evaluationMs: number }

export type Trial = {
  /** On a real sample, or a made-up one where none is at hand. */
  real: RunTimes
  /** On the slowest inputs that were tried. */
  slowest: RunTimes
}

/** One sample for every row of a batch, and a state. */
type Kind = { name: string; state: State; sample: Dataset }

const LARGEST = 3.4028234663852886e38
const SMALLEST = 1e-45
/** Denormal, and not the smallest: products of it and usual weights are denormal, too. */
const DENORMAL = 1e-40
/** The largest weight that an update may have: see update.ts. */
const LARGEST_WEIGHT = 1e15
/** What is tried are steps of the first round, with random inputs of some seed. */
const FIRST_ROUND = { round: 1, batchSeed: `0x${'00'.repeat(32)}` } as const
/** Runs that are timed; the fastest counts, because other programs only ever add time. */
const MOST_TIMED_RUNS = 10
/** No further run is timed after so long, in milliseconds. */
const TIMED_MS = 100

/**
 * Tries a package.
 *
 * @param options.samples real ones of the task: the held-out pool, or a contributor's own. Without any, times are those of
 * made-up samples, and whether training leads to numbers is not tried.
 * @param options.clock in milliseconds
 * @throws EngineRefusal `graph` that names file, node, operator set and inputs when a graph fails, `state` when real samples
 * lead to values that aren't finite, `limit` when a run passes the engine's limits
 */
export async function tryTask(options: {
  task: TaskPackage
  engine: Engine
  samples?: Dataset | undefined
  clock?: () => number
}): Promise<Trial> {
  const { task, engine, samples, clock = () => performance.now() } = options
  if (samples !== undefined) await requireFinite(task, engine, samples)
  const usual = realKind(task, samples)
  const real = await timed(engine, usual, { task, clock })
  let slowest = real
  for (const kind of extremeKinds(task, usual)) slowest = await timed(engine, kind, { task, clock, slowest })
  return { real, slowest }
}

/** One window of training, then a batch of evaluation and predictions on real samples must give numbers. */
async function requireFinite(task: TaskPackage, engine: Engine, samples: Dataset): Promise<void> {
  const { spec, init } = task
  const { batchSize, evalBatchSize, commitEvery } = spec
  const indices = (rows: number, from: number) =>
    Array.from({ length: rows }, (_, i) => (from + i) % samples.n)
  const batches = Array.from({ length: commitEvery }, (_, i) =>
    makeStepBatch(spec, samples, indices(batchSize, i * batchSize), roundStep(spec, FIRST_ROUND, i)),
  )
  const on = 'real samples'
  const { state, losses } = await running(task, 'step.onnx', on, () => engine.steps(init, batches))
  const [evaluation] = await running(task, 'eval.onnx', on, () =>
    engine.evaluate(state, [
      makeBatch(spec, samples, indices(Math.min(evalBatchSize, samples.n), 0), evalBatchSize),
    ]),
  )
  refusingAs('state', `training on real samples for ${commitEvery} steps from the initial model`, () =>
    assertFinite(spec, state),
  )
  const { metrics } = evaluation!
  const wrong = [...losses, ...evaluation!.losses].find((loss) => !Number.isFinite(loss))
  const metric = metrics.subarray(0, samples.n).find((value) => !Number.isFinite(value))
  demand(
    wrong === undefined,
    'state',
    () =>
      `training on real samples gives a loss of ${wrong}; lower the rate of the schedule, or scale the samples`,
  )
  demand(
    metric === undefined,
    'state',
    () => `eval.onnx gives a metric of ${metric} on real samples; make it a finite number for each sample`,
  )
  if (task.predictGraph !== undefined) await requirePredictions(task, engine, { state, samples })
}

/** Whoever predicts has the last model, a full batch of samples, or a single one in a batch that is filled up with zeros. */
async function requirePredictions(
  task: TaskPackage,
  engine: Engine,
  { state, samples }: { state: State; samples: Dataset },
): Promise<void> {
  const { spec } = task
  const rows = Math.min(spec.evalBatchSize, samples.n)
  const indices = Array.from({ length: rows }, (_, i) => i)
  for (const chosen of [indices, indices.slice(-1)]) {
    const batch = makeBatch(spec, samples, chosen, spec.evalBatchSize)
    const [predictions] = await running(task, 'predict.onnx', 'real samples', () =>
      engine.predict(state, [{ inputs: batch.inputs }]),
    )
    const size = predictions!.length / spec.evalBatchSize
    const wrong = predictions!.subarray(0, chosen.length * size).find((value) => !Number.isFinite(value))
    demand(
      wrong === undefined,
      'state',
      () => `predict.onnx gives ${wrong} on real samples; make it finite numbers for each sample`,
    )
  }
}

/**
 * What runs on one kind of inputs take, the fastest of each; at least what other inputs took. Once a run is no slower than
 * those, its kind is not either, whatever further runs take.
 */
async function timed(
  engine: Engine,
  kind: Kind,
  { task, clock, slowest }: { task: TaskPackage; clock: () => number; slowest?: RunTimes },
): Promise<RunTimes> {
  const { spec } = task
  const draw = roundStep(spec, FIRST_ROUND, 0)
  const step: StepBatch = {
    ...batchOf(spec, kind, spec.batchSize),
    rate: draw.rate,
    noise: stepNoise(spec, draw),
  }
  const evaluation = batchOf(spec, kind, spec.evalBatchSize)
  const fastest = async (run: () => Promise<unknown>, least = 0) => {
    let best = Number.POSITIVE_INFINITY
    for (let runs = 0, spent = 0; best > least && spent <= TIMED_MS && runs < MOST_TIMED_RUNS; runs++) {
      const start = clock()
      await run()
      const ms = clock() - start
      best = Math.min(best, ms)
      spent += ms
    }
    return Math.max(best, least)
  }
  return {
    stepMs: await running(task, 'step.onnx', kind.name, () =>
      fastest(() => engine.steps(kind.state, [step]), slowest?.stepMs),
    ),
    evaluationMs: await running(task, 'eval.onnx', kind.name, () =>
      fastest(() => engine.evaluate(kind.state, [evaluation]), slowest?.evaluationMs),
    ),
  }
}

function realKind({ spec, init }: TaskPackage, samples: Dataset | undefined): Kind {
  if (samples !== undefined) return { name: 'a real sample', state: init, sample: subset(samples, [0]) }
  return { name: 'a made-up sample', state: init, sample: madeUpSample(spec) }
}

function extremeKinds({ spec, init }: TaskPackage, real: Kind): Kind[] {
  const { inputs } = real.sample
  const all = (float: (i: number) => number): Dataset => ({
    ...real.sample,
    inputs: mapInputs(inputs, (values) =>
      values instanceof Float32Array ? values.map((_, i) => float(i)) : values,
    ),
  })
  const weights = (value: (i: number) => number): State =>
    new Map([...init].map(([name, data]) => [name, data.map((_, i) => value(i))]))
  const sign = (i: number) => (i % 2 === 0 ? 1 : -1)
  return [
    // Denormal numbers come first: they are the slowest ones on many machines, and the others then need one run each.
    { ...real, name: `denormal weights of ±${DENORMAL}`, state: weights((i) => sign(i) * DENORMAL) },
    { ...real, name: `denormal features of ±${DENORMAL}`, sample: all((i) => sign(i) * DENORMAL) },
    { ...real, name: `denormal features of ${SMALLEST}`, sample: all(() => SMALLEST) },
    { ...real, name: 'features of 0', sample: all(() => 0) },
    { ...real, name: `features of ${LARGEST}`, sample: all(() => LARGEST) },
    { ...real, name: `features of ${-LARGEST}`, sample: all(() => -LARGEST) },
    { ...real, name: `features of ±${LARGEST}`, sample: all((i) => sign(i) * LARGEST) },
    ...wholeKinds(spec, real),
    ...targetKinds(spec, real),
    { ...real, name: `weights of ±${LARGEST_WEIGHT}`, state: weights((i) => sign(i) * LARGEST_WEIGHT) },
    { ...real, name: 'weights of 0', state: weights(() => 0) },
  ]
}

/** The least and the largest whole numbers as inputs: a lookup must know both. */
function wholeKinds({ inputs }: TaskSpec, real: Kind): Kind[] {
  if (inputs.every(({ below }) => below === undefined)) return []
  const all = (value: (below: number) => number): Dataset => ({
    ...real.sample,
    inputs: mapInputs(real.sample.inputs, (values, name) => {
      const below = inputs.find((input) => input.name === name)?.below
      return below === undefined ? values : values.map(() => value(below))
    }),
  })
  return [
    { ...real, name: 'whole numbers of 0', sample: all(() => 0) },
    { ...real, name: 'the largest whole numbers', sample: all((below) => below - 1) },
  ]
}

function targetKinds({ target }: TaskSpec, real: Kind): Kind[] {
  const what = target.kind === 'class' ? 'labels' : target.kind
  return extremeTargets(target).map((value) => ({
    ...real,
    name: `${what} of ${value}`,
    sample: { ...real.sample, y: real.sample.y.map(() => value) },
  }))
}

function extremeTargets(target: Target): number[] {
  switch (target.kind) {
    case 'class':
      return [0, target.classes - 1]
    case 'tokens':
      return [0, target.vocabulary - 1]
    case 'labels':
      return [0, 1]
    default:
      return [DENORMAL, 0, LARGEST, -LARGEST]
  }
}

function madeUpSample({ inputs, target }: TaskSpec): Dataset {
  const values = ({ dtype, shape }: TaskSpec['inputs'][number]) => {
    const length = elementCount(shape)
    return dtype === 'float32'
      ? Float32Array.from({ length }, (_, i) => (i % 16) / 16)
      : new Int32Array(length)
  }
  const size = targetSize(target)
  const isWhole = target.kind === 'class' || target.kind === 'tokens'
  return {
    inputs: Object.fromEntries(inputs.map((input) => [input.name, values(input)])),
    y: isWhole ? new Int32Array(size) : new Float32Array(size),
    n: 1,
  }
}

function mapInputs(
  inputs: Dataset['inputs'],
  change: (values: Values, name: string) => Values,
): Dataset['inputs'] {
  return Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, change(values, name)]))
}

function batchOf(spec: TaskSpec, { sample }: Kind, rows: number): Batch {
  return makeBatch(
    spec,
    sample,
    Array.from({ length: rows }, () => 0),
  )
}

/** Runs `work`; a failure of the runtime is told with file, node, operator set, inputs and the fix. */
async function running<T>(
  task: TaskPackage,
  file: 'step.onnx' | 'eval.onnx' | 'predict.onnx',
  inputs: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    const graphs = {
      'step.onnx': task.stepGraph,
      'eval.onnx': task.evalGraph,
      'predict.onnx': task.predictGraph,
    }
    throw new EngineRefusal(
      error.code,
      `${file} (operator set ${operatorSetOf(graphs[file]!)}) fails on ${inputs}, ${failureOf(error.message, file)}`,
      { cause: error },
    )
  }
}

/** The runtime's own words, shortened to the node and the reason where it tells them. */
function failureOf(message: string, file: string): string {
  const told = /while running (?<op>\S+) node\. Name:'(?<name>[^']*)' Status Message: (?<reason>.*)$/s.exec(
    message,
  )
  if (told?.groups === undefined) return `because ${message.replace(`${file} failed: `, '')}`
  const { op, name, reason } = told.groups
  return `at node ${op} (${name}): ${reason!.trim()}; clip or guard what the node takes, so that no input breaks it off`
}
