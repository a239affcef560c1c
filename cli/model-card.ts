/** A model's card: what somebody has to know before using it, in Markdown. */

import { modelLayout } from '@assay/engine/package/model.ts'
import type { ModelMetric } from '@assay/engine/package/model-blob.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import { inputText, metricValueText, targetText } from '@assay/engine/package/sample-text.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import type { ModelFacts, Trainer } from './model-facts.ts'
import { lossText } from './model-metric.ts'

const LONGEST_CELL = 200

/** Names and values of what a root committee measured. */
export function metricLines(
  { metric, loss }: Pick<TaskSpec, 'metric' | 'loss'>,
  { metricMicros, lossMicros, samples, poolSamples }: ModelMetric,
): [string, string][] {
  return [
    [metric.name, metricValueText(metric, metricMicros / 1e6)],
    [loss.name, lossText(lossMicros)],
    ['held-out samples', samples === poolSamples ? String(samples) : `${samples} of ${poolSamples}`],
  ]
}

/** The card as Markdown. The same facts give the same bytes. */
export function modelCard(facts: ModelFacts): string {
  const { spec, licence, metric, trainers } = facts
  const parts = [
    `# ${inMarkdown(spec.name)}`,
    `A model trained by ${trainers.length} contributors of task ${facts.taskId}, checked and paid for by Assay.`,
    '## Where it comes from',
    table(['', ''], originRows(facts)),
    '## How good it is',
    metric === undefined
      ? 'Its blob does not say: no round has measured it.'
      : `${table(['measure', 'value'], metricLines(spec, metric))}\n\nMeasured by the root committee that voted for the model, on samples that no contributor has.`,
    '## What goes in and out',
    table(['', ''], shapeRows(facts)),
    '## Who trained it',
    trainers.length === 0 ? 'Nobody: it is the first model.' : trainersTable(trainers),
    '## Licence',
    licence === undefined
      ? 'Not stated. Ask the owner of the task before you use the model for others.'
      : `${inMarkdown(licence)}, as stated by whoever fetched the model.`,
    '## Files',
    table(
      ['file', 'sha256'],
      [...facts.files].map(([name, hash]) => [name, hash]),
    ),
    '## Limits',
    'The samples of contributors were never seen by anybody else, so nobody has looked for bias or private facts in them. The figures above are about the held-out samples of the task alone.',
  ]
  return `${parts.join('\n\n')}\n`
}

function originRows(facts: ModelFacts): [string, string][] {
  const { chainId, rounds, taskId, specHash, maxRounds, model, spec } = facts
  return [
    ['chain', String(chainId)],
    ['contract Rounds', rounds],
    ['task', String(taskId)],
    ['package (spec hash)', specHash],
    ['model (sha256)', model.hash],
    ['round', `${model.round} of ${maxRounds}`],
    ['round closed', new Date(model.closedAt * 1000).toISOString()],
    ['held-out pool (root)', spec.pool.root],
  ]
}

function shapeRows({ spec, onnxRows }: ModelFacts): [string, string][] {
  const { state } = modelLayout(spec)
  const weights = state.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  return [
    ...spec.inputs.map((input): [string, string] => ['input', inputText(input)]),
    ['output', targetText(spec.target)],
    ...(onnxRows === undefined ? [] : [rowsOfOnnx(onnxRows)]),
    ['weights', `${weights} float32 values in ${state.length} tensors`],
    ['training of a round', `${spec.steps} steps of ${spec.batchSize} samples a contributor`],
  ]
}

function rowsOfOnnx(rows: number): [string, string] {
  return [
    'rows of model.onnx',
    `${rows} at once: fill up the last ones with zeros, and leave out what they give`,
  ]
}

function trainersTable(trainers: readonly Trainer[]): string {
  return table(
    ['contributor', 'rounds', 'of them useful', 'samples', 'data root'],
    trainers.map(({ contributor, rounds, usefulRounds, dataUnits, dataRoot }) => [
      contributor,
      String(rounds),
      String(usefulRounds),
      String(dataUnits ?? ''),
      dataRoot ?? '',
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inMarkdown).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A text that Markdown shows as it is: a task's name is a stranger's. */
function inMarkdown(text: string): string {
  return plainText(text, LONGEST_CELL).replaceAll(/[\\`*_{}[\]<>()#|!]/g, '\\$&')
}
