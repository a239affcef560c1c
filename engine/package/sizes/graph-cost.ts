/**
 * What one run of a graph takes, from its shapes alone: the same on every machine, however slow. Every value's size is known
 * exactly before anything runs, because a graph whose sizes depend on data is refused.
 *
 * Operations are counted in multiply–adds of a product; other work is weighed by what it takes beside one. Memory is the most
 * that stands at once when each value is kept from the node that makes it to the last one that uses it.
 */
import type { GraphProto, NodeProto } from 'onnx-buf'
import { demand, EngineRefusal } from '../../refusal.ts'
import { type Dtype, ELEMENT_TYPES } from '../element-types.ts'
import { elementCount } from '../safetensors.ts'
import { ELEMENTWISE, type Rule } from './elementwise.ts'
import { MOVEMENT } from './movement.ts'
import { type Found, nodeOf, sizeOf } from './node.ts'
import { PRODUCTS } from './products.ts'
import { bytesOf, constantValue, makeValue, type Value } from './value.ts'

/** What one run of a graph takes. */
export type GraphCost = {
  /** In multiply–adds. */
  operations: number
  /** Most memory of values at once, inputs and outputs included, in bytes. */
  memoryBytes: number
}

export type CostLimits = {
  /** Most operations of one run. */
  maxOperations: number
  /** Most memory of one run, in bytes. */
  maxMemoryBytes: number
}

/**
 * An engine does 3·10⁹ operations a second and more, most of them 9·10⁹: a run takes six seconds at most, and less than the
 * sandbox's minute on a machine that is ten times slower. The memory fits a sandbox of 1 GiB, with as much again for what the
 * engine needs beside the values.
 */
export const DEFAULT_COST_LIMITS: CostLimits = { maxOperations: 2 ** 34, maxMemoryBytes: 512 * 1024 * 1024 }

const RULES = new Map<string, Rule>([...ELEMENTWISE, ...PRODUCTS, ...MOVEMENT])
const MAX_RANK = 8
const FLOAT = ELEMENT_TYPES.float32

type Port = { name: string; shape: readonly number[]; dtype?: Dtype }

/** Whether the size of the operator's outputs can be told. */
export function hasSizeRule(opType: string): boolean {
  return RULES.has(opType)
}

/**
 * What one run of a graph takes, and each value's type and shape by name.
 *
 * @param labelOf a node as the subject of a sentence
 * @throws EngineRefusal `graph` that names the node and the fix, when a size depends on data, shapes don't fit, constant indices
 * are out of range, or a limit is passed
 */
export function measureGraph(
  graph: GraphProto,
  at: {
    signature: { inputs: readonly Port[]; outputs: readonly Port[] }
    labelOf: (node: NodeProto, i: number) => string
    limits: CostLimits
  },
): { cost: GraphCost; values: ReadonlyMap<string, Value> } {
  const { signature, limits } = at
  const values = new Map<string, Value>()
  for (const { name, shape, dtype = 'float32' } of signature.inputs)
    values.set(name, makeValue(ELEMENT_TYPES[dtype], shape))
  for (const tensor of graph.initializer) values.set(tensor.name, constantValue(tensor))
  const kept = new Set([...values.keys(), ...signature.outputs.map(({ name }) => name)])
  const freed = lastUses(graph.node, kept)
  let memory = [...values.values()].reduce((sum, value) => sum + bytesOf(value), 0)
  let cost: GraphCost = { operations: 0, memoryBytes: memory }
  graph.node.forEach((node, i) => {
    const label = at.labelOf(node, i)
    const found = labelled(label, () => outputsOf(node, values))
    const made = labelled(label, () => found.outputs.reduce((sum, value) => sum + bytesOf(value), 0))
    node.output.forEach((name, k) => {
      if (name !== '') values.set(name, found.outputs[k]!)
    })
    memory += made
    cost = {
      operations: cost.operations + found.operations,
      memoryBytes: Math.max(cost.memoryBytes, memory),
    }
    requireWithin(label, cost, limits)
    for (const name of freed[i]!) memory -= sizeIn(values, name)
  })
  checkOutputs(signature.outputs, values)
  return { cost, values }
}

function outputsOf(node: NodeProto, values: ReadonlyMap<string, Value>): Found {
  const inputs = node.input.map((name) => (name === '' ? undefined : known(values, name)))
  const rule = RULES.get(node.opType)
  demand(rule !== undefined, 'graph', () => 'has no rule for its size; use another operator')
  const found = rule(nodeOf(node, inputs))
  demand(
    found.outputs.length >= node.output.length,
    'graph',
    () => `has ${node.output.length} outputs, ${found.outputs.length} are made; export it again`,
  )
  const deep = found.outputs.find(({ shape }) => shape.length > MAX_RANK)
  demand(
    deep === undefined,
    'graph',
    () => `makes a value of rank ${deep!.shape.length}; at most ${MAX_RANK} is possible`,
  )
  for (const { shape } of found.outputs) for (const size of shape) sizeOf(size, 'the size of its output')
  const twice = node.output.find((name) => name !== '' && values.has(name))
  demand(
    twice === undefined,
    'graph',
    () => `makes ${twice!.slice(0, 60)}, which is there already; rename it`,
  )
  return found
}

function known(values: ReadonlyMap<string, Value>, name: string): Value {
  const value = values.get(name)
  demand(
    value !== undefined,
    'graph',
    () => `takes ${name.slice(0, 60)}, which no earlier node makes; sort the nodes, or export it again`,
  )
  return value
}

/** Runs `work`; a refusal gets the node's label before its message. */
function labelled<T>(label: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new EngineRefusal(error.code, `${label} ${error.message}`)
  }
}

/** Names of the values that each node is the last to use; inputs, constants and outputs stay. */
function lastUses(nodes: readonly NodeProto[], kept: ReadonlySet<string>): string[][] {
  const last = new Map<string, number>()
  nodes.forEach(({ input, output }, i) => {
    for (const name of [...output, ...input]) if (!kept.has(name)) last.set(name, i)
  })
  const freed = nodes.map((): string[] => [])
  for (const [name, i] of last) freed[i]!.push(name)
  return freed
}

function sizeIn(values: ReadonlyMap<string, Value>, name: string): number {
  const value = values.get(name)
  return value === undefined ? 0 : bytesOf(value)
}

function requireWithin(label: string, { operations, memoryBytes }: GraphCost, limits: CostLimits): void {
  const { maxOperations, maxMemoryBytes } = limits
  demand(
    operations <= maxOperations,
    'graph',
    () =>
      `${label} brings one run to ${operations} operations, the limit is ${maxOperations}; use a smaller batch or model`,
  )
  demand(
    memoryBytes <= maxMemoryBytes,
    'graph',
    () =>
      `${label} brings the memory of one run to ${memoryBytes} bytes, the limit is ${maxMemoryBytes}; use a smaller batch or model`,
  )
}

function checkOutputs(outputs: readonly Port[], values: ReadonlyMap<string, Value>): void {
  for (const { name, shape } of outputs) {
    const value = values.get(name)
    demand(value !== undefined, 'graph', () => `no node makes the output ${name}; add one`)
    demand(
      value.type === FLOAT &&
        elementCount(value.shape) === elementCount(shape) &&
        value.shape.join() === shape.join(),
      'graph',
      () =>
        `the nodes give ${name} the shape [${value.shape}]${value.type === FLOAT ? '' : ' in another type'}, task.json says float32 [${shape}]; change one of the two`,
    )
  }
}
