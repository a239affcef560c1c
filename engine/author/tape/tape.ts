/**
 * A graph while it is written: nodes in the order in which they compute, each result with its shape, and how a change of a
 * result follows from changes of what it was made of. Operators add to it; backward.ts walks it backwards.
 */
import { elementCount } from '../../package/safetensors.ts'
import {
  type ElementType,
  floatsConstant,
  type GraphConstant,
  intsConstant,
  type NodeAttributes,
} from '../onnx-author.ts'

/** A value of the graph. */
export type Tensor = {
  readonly tape: Tape
  readonly name: string
  readonly shape: readonly number[]
  readonly type: ElementType
}

/** Where a gradient goes on: `gradient` turns the result's gradient into that of `to`, of the shape of `to`. */
export type Link = { to: Tensor; gradient: (ofResult: Tensor) => Tensor }

export type TapeNode = {
  readonly operator: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly attributes: NodeAttributes
}

export type Tape = {
  readonly nodes: TapeNode[]
  readonly inputs: Tensor[]
  /** Constants by what they hold, which is kept once. */
  readonly constants: Map<string, { tensor: Tensor; constant: GraphConstant }>
  /** The node that made a tensor. */
  readonly makers: Map<Tensor, TapeNode>
  /** Inputs that a gradient may be asked for. */
  readonly trained: Set<Tensor>
  readonly links: Map<Tensor, readonly Link[]>
}

/** What a node gives. */
type Result = { shape: readonly number[]; type?: ElementType }

export function newTape(): Tape {
  return {
    nodes: [],
    inputs: [],
    constants: new Map(),
    makers: new Map(),
    trained: new Set(),
    links: new Map(),
  }
}

/** An input of the graph, whose gradient nobody asks for. */
export function input(
  tape: Tape,
  name: string,
  shape: readonly number[],
  type: ElementType = 'float32',
): Tensor {
  const made: Tensor = { tape, name, shape, type }
  tape.inputs.push(made)
  return made
}

/** A float32 input that training changes. */
export function parameter(tape: Tape, name: string, shape: readonly number[]): Tensor {
  const made = input(tape, name, shape)
  tape.trained.add(made)
  return made
}

/** A float32 number, of shape []. */
export function scalar(tape: Tape, value: number): Tensor {
  return floats(tape, [value], [])
}

/** Numbers in float32. */
export function floats(tape: Tape, values: readonly number[], shape: readonly number[]): Tensor {
  const key = `float32 [${shape}] ${values}`
  return constant(tape, key, { shape, type: 'float32' }, (name) => floatsConstant(name, values, shape))
}

/** A list of whole numbers: axes, sizes, places. */
export function ints(tape: Tape, values: readonly number[]): Tensor {
  const shape = [values.length]
  return constant(tape, `int64 ${values}`, { shape, type: 'int64' }, (name) =>
    intsConstant(name, values.map(BigInt)),
  )
}

/** Adds a node with one result, which has no gradient yet. */
export function emit(
  operator: string,
  inputs: readonly [Tensor, ...Tensor[]],
  result: Result,
  attributes: NodeAttributes = {},
): Tensor {
  return emitAll(operator, inputs, [result], attributes)[0]
}

/** Adds a node with several results. */
export function emitAll<T extends readonly [Result, ...Result[]]>(
  operator: string,
  inputs: readonly [Tensor, ...Tensor[]],
  results: T,
  attributes: NodeAttributes = {},
): { [K in keyof T]: Tensor } {
  const { tape } = inputs[0]
  const name = `${operator}_${tape.nodes.length}`
  const outputs = results.map(
    ({ shape, type = 'float32' }, i): Tensor => ({
      tape,
      name: i === 0 ? name : `${name}_${i}`,
      shape,
      type,
    }),
  )
  const node: TapeNode = { operator, inputs, outputs, attributes }
  tape.nodes.push(node)
  for (const output of outputs) tape.makers.set(output, node)
  return outputs as { [K in keyof T]: Tensor }
}

/**
 * Says how the result's gradient goes on. Links to what depends on no trained input are left out, so that nothing is
 * computed for them. Whatever was said of the result before no longer holds: an operator that is made of others may know a
 * shorter gradient than theirs.
 */
export function linked(result: Tensor, links: readonly Link[]): Tensor {
  result.tape.links.set(
    result,
    links.filter(({ to }) => isTracked(to)),
  )
  return result
}

/** Whether a tensor depends on a trained input. */
export function isTracked(tensor: Tensor): boolean {
  const { trained, links } = tensor.tape
  return trained.has(tensor) || (links.get(tensor)?.length ?? 0) > 0
}

export const sizeOf = ({ shape }: Tensor): number => elementCount(shape)

function constant(
  tape: Tape,
  key: string,
  like: Pick<Tensor, 'shape' | 'type'>,
  make: (name: string) => GraphConstant,
): Tensor {
  const known = tape.constants.get(key)
  if (known !== undefined) return known.tensor
  const name = `constant_${tape.constants.size}`
  const tensor = { tape, name, ...like }
  tape.constants.set(key, { tensor, constant: make(name) })
  return tensor
}
