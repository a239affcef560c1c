import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'

/** A graph in which two names of values have changed places: whatever was named one is named the other. Nothing is checked. */
export function swapNames(bytes: Uint8Array, one: string, other: string): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  const named = (name: string) => (name === one ? other : name === other ? one : name)
  const graph = model.graph
  if (graph === undefined) return bytes
  for (const node of graph.node) {
    node.input = node.input.map(named)
    node.output = node.output.map(named)
  }
  for (const value of [...graph.input, ...graph.output, ...graph.valueInfo, ...graph.initializer])
    value.name = named(value.name)
  return toBinary(ModelProtoSchema, model)
}
