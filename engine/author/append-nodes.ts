import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type ModelProto, ModelProtoSchema, NodeProtoSchema, TensorProtoSchema } from 'onnx-buf'
import type { GraphConstant, GraphNode } from './onnx-author.ts'

/** Nodes that take the tensor `before` and give `after`, and constants of theirs. */
export type Appendix = { nodes: GraphNode[]; constants: GraphConstant[] }

/** The graph with more nodes between what gave the output of that name and the output itself. Nothing is checked. */
export function appendNodes(bytes: Uint8Array, output: string, { nodes, constants }: Appendix): Uint8Array {
  const model: ModelProto = fromBinary(ModelProtoSchema, bytes)
  const graph = model.graph!
  const renamed = (names: string[]) => names.map((name) => (name === output ? 'before' : name))
  for (const one of graph.node) one.output = renamed(one.output)
  const ends = (names: string[] | undefined) => names?.map((name) => (name === 'after' ? output : name)) ?? []
  graph.node.push(...nodes.map((one) => create(NodeProtoSchema, { ...one, output: ends(one.output) })))
  graph.initializer.push(...constants.map((one) => create(TensorProtoSchema, one)))
  return toBinary(ModelProtoSchema, model)
}
