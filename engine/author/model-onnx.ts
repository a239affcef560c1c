/**
 * A trained model as one ONNX file: a task's prediction graph with the weights inside, and words about it in the file's
 * metadata. Any ONNX runtime or viewer reads it, without the rest of the package.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  type GraphProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
} from 'onnx-buf'
import { rawBytes } from '../hash.ts'
import type { GraphPort } from '../package/graph-check.ts'
import type { State } from '../package/state.ts'
import { demand } from '../refusal.ts'
import { freeRows } from './free-rows.ts'

/** A model as a file. */
export type ModelOnnx = {
  bytes: Uint8Array
  /** How many rows it takes at once; undefined if any number. */
  rows: number | undefined
}

/** Name of the size that is left open. */
const ROWS = 'rows'

/**
 * Puts weights into a prediction graph, and lets it take any number of rows if its nodes can. The same arguments give the same
 * bytes.
 *
 * @param predictGraph predict.onnx: state tensors and inputs → `predictions`
 * @param tensors names and shapes of the model's tensors
 * @param inputs the task's inputs, by the shape of one row
 * @param rows that the graph takes at once
 * @param words what the file says of itself, by key
 * @throws EngineRefusal `state` for a tensor that `state` lacks
 */
export function modelOnnx(options: {
  predictGraph: Uint8Array
  state: State
  tensors: readonly GraphPort[]
  inputs: readonly GraphPort[]
  rows: number
  words: Readonly<Record<string, string>>
}): ModelOnnx {
  const { predictGraph, state, tensors, inputs, rows, words } = options
  const model = fromBinary(ModelProtoSchema, predictGraph)
  const graph = model.graph!
  const free = freeRows(graph, { tensors, inputs }, rows)
  if (free !== undefined) {
    Object.assign(graph, { ...free, valueInfo: [] })
    const isBatch = ({ name }: ValueInfoProto) => inputs.some((one) => one.name === name)
    for (const port of [...graph.input.filter(isBatch), ...graph.output]) leaveRowsOpen(port)
  }
  putWeights(graph, state, tensors)
  for (const [key, value] of Object.entries(words))
    model.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }))
  return { bytes: toBinary(ModelProtoSchema, model), rows: free === undefined ? rows : undefined }
}

function leaveRowsOpen({ type }: ValueInfoProto): void {
  if (type?.value.case !== 'tensorType') return
  const value = { case: 'dimParam', value: ROWS } as const
  type.value.value.shape!.dim[0] = create(TensorShapeProto_DimensionSchema, { value })
}

/** Inputs that are tensors of the model become constants. */
function putWeights(graph: GraphProto, state: State, tensors: readonly GraphPort[]): void {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]))
  for (const { name } of graph.input.filter((port) => shapes.has(port.name))) {
    const data = state.get(name)
    demand(data !== undefined, 'state', () => `the model has no tensor ${name}`)
    const dims = shapes.get(name)!.map(BigInt)
    const dataType = TensorProto_DataType.FLOAT
    graph.initializer.push(
      create(TensorProtoSchema, { name, dims, dataType, rawData: rawBytes(data).slice() }),
    )
  }
  graph.input = graph.input.filter(({ name }) => !shapes.has(name))
}
