import { encodeGraph, type GraphNode, node } from '../onnx-author.ts'
import type { Tape, TapeNode, Tensor } from './tape.ts'

/**
 * Encodes the part of a tape that computes `outputs`, under the names given for them. All inputs stay, whether they are used
 * or not.
 */
export function encodeTape(tape: Tape, graphName: string, outputs: ReadonlyMap<string, Tensor>): Uint8Array {
  const nodes = liveNodes(tape, [...outputs.values()])
  const names = new Map<Tensor, string>()
  const copies: GraphNode[] = []
  for (const [name, tensor] of outputs) {
    // A graph can't give an input or one value twice under another name.
    if (tape.makers.has(tensor) && !names.has(tensor)) names.set(tensor, name)
    else copies.push(node('Identity', [names.get(tensor) ?? tensor.name], name))
  }
  const nameOf = (tensor: Tensor) => names.get(tensor) ?? tensor.name
  const used = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ name }) => name)))
  return encodeGraph(
    graphName,
    {
      inputs: tape.inputs.map(({ name, shape, type }) => ({ name, shape: [...shape], dtype: type })),
      outputs: [...outputs].map(([name, { shape, type }]) => ({ name, shape: [...shape], dtype: type })),
    },
    [...nodes.map((one) => asGraphNode(one, nameOf)), ...copies],
    [...tape.constants.values()].flatMap(({ tensor, constant }) => (used.has(tensor.name) ? [constant] : [])),
  )
}

function asGraphNode(
  { operator, inputs, outputs, attributes }: TapeNode,
  nameOf: (tensor: Tensor) => string,
): GraphNode {
  const [first, ...more] = outputs.map(nameOf)
  return node(operator, inputs.map(nameOf), [first!, ...more], attributes)
}

/** Nodes that some output depends on, in their order. */
function liveNodes({ nodes }: Tape, outputs: readonly Tensor[]): TapeNode[] {
  const needed = new Set(outputs)
  const live = nodes.toReversed().filter((one) => {
    const isLive = one.outputs.some((output) => needed.has(output))
    if (isLive) for (const tensor of one.inputs) needed.add(tensor)
    return isLive
  })
  return live.reverse()
}
