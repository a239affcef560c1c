/** A built-in model in a runtime: its training step and its evaluation, on drawn samples. */
import { type BuiltModel, buildModel, type ModelOptions } from '@assay/engine/author/models/build-model.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import { deriveSeed, drawIndices } from '@assay/sdk/protocol/random.ts'
import type * as Web from 'onnxruntime-web/wasm'

export type Runtime = Pick<typeof Web, 'InferenceSession' | 'Tensor'>
export type OpenModel = {
  /** Trains so many steps on one batch. */
  steps: (count: number) => Promise<void>
  /** Evaluates one batch so many times. */
  evaluations: (count: number) => Promise<void>
}

const RATE = 0.01
const SHADES = 256

/** Opens both graphs. @param sessionOptions those of the runtime */
export async function openModel(
  { InferenceSession, Tensor }: Runtime,
  options: ModelOptions,
  sessionOptions: Web.InferenceSession.SessionOptions,
): Promise<OpenModel> {
  const built = buildModel(options)
  const step = await InferenceSession.create(built.stepGraph, sessionOptions)
  const evaluation = await InferenceSession.create(built.evalGraph, sessionOptions)
  const state = stateOf(Tensor, built)
  const fed: Record<string, Web.Tensor> = {
    ...state,
    ...samplesOf(Tensor, options, options.batchSize),
    lr: new Tensor('float32', [RATE], []),
  }
  const all = { ...state, ...samplesOf(Tensor, options, options.evalBatchSize) }
  const read = Object.fromEntries(evaluation.inputNames.map((name) => [name, all[name]!]))
  return {
    steps: async (count) => {
      for (let i = 0; i < count; i++) {
        const results = await step.run(fed)
        for (const name of Object.keys(state)) fed[name] = results[`${name}_next`]!
      }
    },
    evaluations: async (count) => {
      for (let i = 0; i < count; i++) await evaluation.run(read)
    },
  }
}

function stateOf(Tensor: Runtime['Tensor'], { state, init }: BuiltModel): Record<string, Web.Tensor> {
  return Object.fromEntries(
    state.map(({ name, shape }) => [name, new Tensor('float32', init.get(name)!, shape)]),
  )
}

/** Inputs and targets of `rows` samples. */
function samplesOf(
  Tensor: Runtime['Tensor'],
  { inputs, target, seed }: ModelOptions,
  rows: number,
): Record<string, Web.Tensor> {
  const draw = (name: string, count: number, below: number) =>
    drawIndices(deriveSeed(seed, name), count, below)
  const tokens = (name: string, shape: readonly number[], below: number) => {
    const full = [rows, ...shape]
    return new Tensor('int64', BigInt64Array.from(draw(name, elementCount(full), below), BigInt), full)
  }
  const feeds: Record<string, Web.Tensor> = {}
  for (const { name, shape, below } of inputs) {
    const full = [rows, ...shape]
    const shades = () => Float32Array.from(draw(name, elementCount(full), SHADES), (one) => one / SHADES)
    feeds[name] = below === undefined ? new Tensor('float32', shades(), full) : tokens(name, shape, below)
  }
  if (target.kind === 'tokens') return { ...feeds, y: tokens('y', [target.length], target.vocabulary) }
  if (target.kind !== 'class') throw new Error(`no samples with targets of ${target.kind} are drawn here`)
  const { classes } = target
  const y = new Float32Array(rows * classes)
  for (const [row, label] of draw('y', rows, classes).entries()) y[row * classes + label] = 1
  return { ...feeds, y: new Tensor('float32', y, [rows, classes]) }
}
