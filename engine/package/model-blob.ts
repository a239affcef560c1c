/**
 * The blob of a global model: a state file whose `__metadata__` says how good the model is, and of which cohorts' aggregates it
 * was made. The hash that a root committee votes for is that of the blob, so all this is agreed on with the model. The figures are
 * whole numbers of what the seats compute anyway: each comes to the same ones, and one that looks at other samples votes for
 * another hash.
 */
import type { Hash } from '../hash.ts'
import { refusingAs } from '../refusal.ts'
import { bitmapText, readBitmap } from './bitmap.ts'
import { maxModelBytes, modelLayout, serializeModel } from './model.ts'
import { readFileWithMetadata } from './safetensors.ts'
import { type State, stateFromTensors } from './state.ts'
import type { TaskSpec } from './task-spec.ts'

/** How good a model is on the samples that judged its round. */
export type ModelMetric = {
  /** Round that made the model. */
  round: number
  /** The pool that judged the round, and the beacon that drew the round's slice of it. */
  poolRoot: Hash
  beacon: Hash
  /** Samples that the model was measured on, and those of the whole pool. */
  samples: number
  poolSamples: number
  /** Mean of the task's metric, in millionths, rounded; within ±(2⁵³ − 1). Of an exp-mean, before it is raised. */
  metricMicros: number
  /** Mean loss, in millionths, rounded; within ±(2⁵³ − 1). */
  lossMicros: number
}

/** What a model's blob says of it. */
export type ModelWords = {
  metric: ModelMetric
  /** For each cohort of its round, whether the aggregate that its committee agreed on was combined into the model. */
  cohorts: readonly boolean[]
}

const MICROS = 1e6
/** A longer value can be none of these: whoever wrote a model's blob may have written anything. */
const LONGEST_VALUE = 80
/** A task has at most 2,048 slots: 128 cohorts. */
const MOST_COHORTS = 128

/** The figures of an evaluation. @param about what was measured: {@link ModelMetric} */
export function metricOf(
  { meanLoss, meanMetric }: { meanLoss: number; meanMetric: number },
  about: Omit<ModelMetric, 'metricMicros' | 'lossMicros'>,
): ModelMetric {
  return { ...about, metricMicros: microsOf(meanMetric), lossMicros: microsOf(meanLoss) }
}

/** The blob of a model with what it says. The same model and words give the same bytes. */
export function writeModel(spec: TaskSpec, state: State, { metric, cohorts }: ModelWords): Uint8Array {
  const words = Object.keys(READERS).map((key) => [key, String(metric[key as keyof ModelMetric])])
  return serializeModel(spec, state, { ...Object.fromEntries(words), cohorts: bitmapText(cohorts) })
}

/**
 * Reads a model's blob. A task's first model says nothing: nobody measured it, and it was made of no cohorts.
 *
 * @returns without figures, or without cohorts, too, when some are missing or can't be right
 * @throws EngineRefusal `state` unless it is a state file of the task
 */
export function readModel(
  spec: TaskSpec,
  bytes: Uint8Array,
): { state: State } & { [Word in keyof ModelWords]: ModelWords[Word] | undefined } {
  const layout = modelLayout(spec)
  const { tensors, metadata } = refusingAs('state', 'model', () =>
    readFileWithMetadata(bytes, { maxBytes: maxModelBytes(spec), maxTensors: layout.state.length }),
  )
  return {
    state: stateFromTensors(layout, tensors, ''),
    metric: metricIn(metadata),
    cohorts: readBitmap(metadata.get('cohorts'), MOST_COHORTS),
  }
}

type Reader = (text: string) => Hash | number | undefined

const hash: Reader = (text) => (/^0x[0-9a-f]{64}$/.test(text) ? (text as Hash) : undefined)

const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Reader =>
  (text) => {
    const value = /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined
  }

/** How each figure is read, in the order in which they are written. */
const READERS: Record<keyof ModelMetric, Reader> = {
  round: whole(1, 2 ** 32 - 1),
  poolRoot: hash,
  beacon: hash,
  samples: whole(1),
  poolSamples: whole(1),
  metricMicros: whole(-Number.MAX_SAFE_INTEGER),
  lossMicros: whole(-Number.MAX_SAFE_INTEGER),
}

function metricIn(metadata: ReadonlyMap<string, string>): ModelMetric | undefined {
  const read = Object.entries(READERS).map(([key, reader]) => {
    const text = metadata.get(key) ?? ''
    return [key, text.length > LONGEST_VALUE ? undefined : reader(text)] as const
  })
  if (read.some(([, value]) => value === undefined)) return undefined
  const metric = Object.fromEntries(read) as ModelMetric
  return metric.samples <= metric.poolSamples ? metric : undefined
}

function microsOf(value: number): number {
  const most = Number.MAX_SAFE_INTEGER
  // Adding zero turns −0 into 0.
  return Math.min(Math.max(Math.round(value * MICROS), -most), most) + 0
}
