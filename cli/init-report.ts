/** What `assay task init` tells of the task that it made. */
import { join } from 'node:path'
import type { RateTrial } from '@assay/engine/author/propose-rate.ts'
import { modelLayout } from '@assay/engine/package/model.ts'
import { POOL_FILE } from '@assay/engine/package/pool.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import { inputText, metricText, targetText } from '@assay/engine/package/sample-text.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { largestRoundCost } from '@assay/sdk/protocol/reward-formula.ts'
import type { Answer } from './answer.ts'
import { taskParams } from './task-params.ts'
import type { Terms } from './task-terms.ts'

export type InitReport = {
  task: TaskPackage
  trials: RateTrial[]
  /** What was assumed of the files, in sentences. */
  notes: string[]
  model: string
  optimizer: string
  terms: Terms
  /** Processor time of a training step on this machine. */
  stepMs: number
  /** Samples of each shard. */
  shards: number[]
}

/** Of the token that trial terms name: its address is known at deployment. */
const NOWHERE = `0x${'00'.repeat(20)}` as const

/** The report, for people and as data. */
export function reportOf(out: string, report: InitReport): Answer {
  const { task, trials, notes, model, optimizer, stepMs, shards, terms } = report
  const { spec, specHash } = task
  const weights = modelLayout(spec).state.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const roundMs = stepMs * spec.steps
  const costWei = roundCost(task, terms)
  const lines = [
    ...notes,
    `samples   ${spec.inputs.map(inputText).join('; ')}; target ${targetText(spec.target)}`,
    `model     ${model} with ${optimizer}: ${weights} weights`,
    ...trials.map((trial) => `rate      ${rateText(task, trial)}`),
    `round     ${spec.steps} steps of ${spec.batchSize} samples: ${secondsText(roundMs)} of a processor like this one for a contributor`,
    `cost      at most ${amountText(costWei, ASSAY, 'up')} a round with ${terms.slots} contributors`,
    ...filesText(out, report),
  ]
  const data = {
    ...{ package: join(out, 'package'), specHash, trials, notes, model, optimizer, weights },
    ...{ shards, poolSamples: spec.pool.samples, stepsPerRound: spec.steps, roundMs, roundCostWei: costWei },
  }
  return { data, text: lines.join('\n') }
}

function filesText(out: string, { task: { spec, specHash }, shards }: InitReport): string[] {
  return [
    `${join(out, 'package')}: the package, which says how files become samples; spec hash ${specHash}`,
    `${join(out, POOL_FILE)}: the held-out pool of ${spec.pool.samples} samples, for validators alone`,
    `${join(out, 'terms.json')}: terms for a trial on this machine; look at them before money depends on them`,
    ...(shards.length === 0
      ? []
      : [`${join(out, 'shards')}: ${shards.length} shards of ${shards.join(', ')} samples`]),
  ]
}

function rateText({ spec }: TaskPackage, { rate, meanLoss, meanMetric }: RateTrial): string {
  if (meanLoss === undefined || meanMetric === undefined) return `${rate}: training diverges`
  return `${rate}: ${metricText(spec.metric, meanMetric)}, ${spec.loss.name} ${Number(meanLoss.toPrecision(4))}`
}

function roundCost(task: TaskPackage, terms: Terms): bigint {
  const token = { ...ASSAY, address: NOWHERE }
  const params = taskParams(terms, task, { token, namesProgram: false })
  return largestRoundCost({
    ...params,
    computeUnits: params.computeUnitsPerRound,
    dataUnits: params.dataUnitsLimit,
  })
}

function secondsText(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`
}
