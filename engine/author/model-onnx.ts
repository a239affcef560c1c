/**
 * A trained model as one ONNX file: a task's prediction graph with the weights inside, and words about it in the file's
 * metadata. Any ONNX runtime or viewer reads it, without the rest of the package.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
} from 'onnx-buf'
import { rawBytes } from '../hash.ts'
import type { State } from '../package/state.ts'
import { demand } from '../refusal.ts'

/**
 * Puts weights into a prediction graph. The same arguments give the same bytes.
 *
 * @param predictGraph predict.onnx: state tensors and inputs → `predictions`
 * @param tensors names and shapes of the model's tensors
 * @param words what the file says of itself, by key
 * @throws EngineRefusal `state` for a tensor that `state` lacks
 */
export function modelOnnx(options: {
  predictGraph: Uint8Array
  state: State
  tensors: readonly { name: string; shape: readonly number[] }[]
  words: Readonly<Record<string, string>>
}): Uint8Array {
  const { predictGraph, state, tensors, words } = options
  const model = fromBinary(ModelProtoSchema, predictGraph)
  const graph = model.graph!
  const taken = graph.input.filter(({ name }) => tensors.some((one) => one.name === name))
  for (const { name } of taken) {
    const data = state.get(name)
    demand(data !== undefined, 'state', () => `the model has no tensor ${name}`)
    const dims = tensors.find((one) => one.name === name)!.shape.map(BigInt)
    const dataType = TensorProto_DataType.FLOAT
    graph.initializer.push(
      create(TensorProtoSchema, { name, dims, dataType, rawData: rawBytes(data).slice() }),
    )
  }
  graph.input = graph.input.filter((port) => !taken.includes(port))
  for (const [key, value] of Object.entries(words))
    model.metadataProps.push(create(StringStringEntryProtoSchema, { key, value }))
  return toBinary(ModelProtoSchema, model)
}
