/** What a package may hold besides the files that every round needs: how to predict, and how files become samples. */
import { fromBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import { demand, refusing, refusingAs } from '../refusal.ts'
import { type CheckedGraph, checkGraph, type GraphLimits, type GraphPort } from './graph-check.ts'
import { evalSignature } from './graph-signature.ts'
import { type Preprocess, readPreprocess } from './preprocess.ts'
import { demandForm } from './preprocess-form.ts'
import type { SampleSpec } from './sample-spec.ts'
import type { TaskSpec } from './task-spec.ts'

const MAX_PREDICTION_RANK = 4

/**
 * Checks predict.onnx: the tensors and inputs of one batch of evaluation, without targets, → predictions. These have a row for
 * each sample; what stands in it is the author's choice.
 *
 * @throws EngineRefusal `graph`
 */
export function checkPredictGraph(spec: TaskSpec, bytes: Uint8Array, limits: GraphLimits): CheckedGraph {
  return refusingAs('graph', 'predict.onnx', () => {
    const inputs = evalSignature(spec).inputs.filter(({ name }) => name !== 'y')
    return checkGraph(bytes, { inputs, outputs: [predictionsPort(spec, bytes)] }, limits)
  })
}

/** The output as the graph declares it, if it is one row a sample: {@link checkGraph} holds the nodes to that. */
function predictionsPort({ evalBatchSize }: TaskSpec, bytes: Uint8Array): GraphPort {
  const { graph } = refusing('graph', 'not an ONNX model', () => fromBinary(ModelProtoSchema, bytes))
  const type = graph?.output.find(({ name }) => name === 'predictions')?.type?.value
  const dimensions = type?.case === 'tensorType' ? type.value.shape?.dim : undefined
  const shape = dimensions?.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : Number.NaN))
  const isOneRowASample =
    shape !== undefined &&
    shape.length <= MAX_PREDICTION_RANK &&
    shape[0] === evalBatchSize &&
    shape.every((size) => size >= 1)
  demand(
    isOneRowASample,
    'graph',
    () =>
      `the output predictions has shape [${shape ?? 'none'}], expected ${evalBatchSize} rows of fixed sizes, ` +
      `of rank ${MAX_PREDICTION_RANK} at most; export it so`,
  )
  return { name: 'predictions', shape }
}

/**
 * Reads preprocess.json, and makes sure that it makes the samples of this task.
 *
 * @throws EngineRefusal `package`
 */
export function preprocessOf(spec: SampleSpec, bytes: Uint8Array): Preprocess {
  const recipe = readPreprocess(bytes)
  demandForm(recipe, spec)
  return recipe
}
