/**
 * The program of a task as the chain knows it: one hash over descriptors of step.onnx's nodes. Whoever has the graph can show a
 * contract a single node, and the contract knows that it is that node, and of how many.
 *
 *     program root = keccak256(abi.encode(1, keccak256(abi.encode(frame)), nodes root, number of nodes))
 *     nodes root   = Merkle root (merkle.ts) over the nodes' leaves, in the order of the file
 *     leaf of node = keccak256(keccak256(abi.encode(index, keccak256(abi.encode(node)))))
 *
 * A constant counts by the hash of its values, which engine/package/program.ts makes.
 *
 * A contract needs no parser: it is given structs, encodes and hashes them, as test/solidity/fixtures/reference/Programs.sol does.
 */
import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from 'viem'
import { merkleRoot } from './merkle.ts'
import type { Hash } from './random.ts'

/** The program root of a task without one: no graph is on the chain, so a jury decides whether a step is false. */
export const NO_PROGRAM: Hash = `0x${'00'.repeat(32)}`
/** Content of an operand that is no constant. */
export const NO_CONTENT: Hash = `0x${'00'.repeat(32)}`

const VERSION = 1n

/** Where an operand comes from. `Absent`: the node leaves an optional one out. */
export const OPERAND_SOURCE = { absent: 0, input: 1, constant: 2, node: 3 } as const

/** What a node takes, or an output of the program. Names don't matter, so there are none. */
export type Operand = {
  source: (typeof OPERAND_SOURCE)[keyof typeof OPERAND_SOURCE]
  /** Index of the input or node; 0 for the others. */
  index: number
  /** Which result of the node; 0 for the others. */
  result: number
  /** As ONNX numbers them; 0 if absent. */
  elementType: number
  shape: readonly number[]
  /** Hash of a constant's values, zero for the others and for a constant without values: see engine/package/program.ts. */
  content: Hash
}

/** What a node makes. `elementType` is 0 for a result that the node leaves out. */
export type Result = { elementType: number; shape: readonly number[] }

/**
 * An attribute of a node. `kind` is ONNX's number of its type; `value` follows from it: numbers in a row, big-endian (floats 4
 * bytes each, ints 8 bytes in two's complement), a string its bytes, {@link stringsValue}, {@link tensorValue}.
 */
export type Attribute = { name: string; kind: number; value: Hex }

/** One node. The operator is of ONNX's own domain. */
export type ProgramNode = {
  /** Version of the operator set, which decides what the operator means. */
  operatorSet: number
  operator: string
  operands: readonly Operand[]
  results: readonly Result[]
  /** By name, ascending. */
  attributes: readonly Attribute[]
}

/** What the program takes and gives, in task.json's order: the state, x, y and lr; the next state and the loss. */
export type ProgramFrame = {
  /** Bits of lr as float32. */
  learningRate: number
  /** Size of the chunks that a state is hashed in: with the inputs it gives the header of every state. */
  stateChunkBytes: number
  inputs: readonly { name: string; shape: readonly number[] }[]
  outputs: readonly Operand[]
}

export type Program = { frame: ProgramFrame; nodes: readonly ProgramNode[] }

const OPERAND =
  'struct Operand { uint8 source; uint32 index; uint32 result; uint8 elementType; uint64[] shape; bytes32 content; }'
const NODE = parseAbiParameters([
  'Node node',
  'struct Node { uint16 operatorSet; string operator; Operand[] operands; Result[] results; Attribute[] attributes; }',
  OPERAND,
  'struct Result { uint8 elementType; uint64[] shape; }',
  'struct Attribute { string name; uint8 kind; bytes value; }',
])
const FRAME = parseAbiParameters([
  'Frame frame',
  'struct Frame { uint32 learningRate; uint32 stateChunkBytes; Port[] inputs; Operand[] outputs; }',
  'struct Port { string name; uint64[] shape; }',
  OPERAND,
])
const STRINGS = parseAbiParameters('bytes[]')
const TENSOR = parseAbiParameters('uint8, uint64[], bytes32')
const LEAF = parseAbiParameters('uint256, bytes32')
const ROOT = parseAbiParameters('uint256, bytes32, bytes32, uint256')

/** The hash that names a program on chain. @throws RangeError for a program without nodes */
export function programRoot({ frame, nodes }: Program): Hash {
  const nodesRoot = merkleRoot(nodes.map((node, index) => programLeaf(index, node)))
  return programRootOf(frameHash(frame), nodesRoot, nodes.length)
}

/** The program root from its three parts: what a contract computes to check an opened node. */
export function programRootOf(frame: Hash, nodesRoot: Hash, nodeCount: number): Hash {
  return keccak256(encodeAbiParameters(ROOT, [VERSION, frame, nodesRoot, BigInt(nodeCount)]))
}

/** Leaf of node `index`. */
export function programLeaf(index: number, node: ProgramNode): Hash {
  const encoded = encodeAbiParameters(NODE, [
    {
      ...node,
      operands: node.operands.map(wide),
      results: node.results.map(wide),
      attributes: [...node.attributes],
    },
  ])
  return keccak256(keccak256(encodeAbiParameters(LEAF, [BigInt(index), keccak256(encoded)])))
}

/** Hash of what the program takes and gives. */
export function frameHash({ inputs, outputs, ...sizes }: ProgramFrame): Hash {
  return keccak256(
    encodeAbiParameters(FRAME, [{ ...sizes, inputs: inputs.map(wide), outputs: outputs.map(wide) }]),
  )
}

/** An attribute of several strings. */
export function stringsValue(strings: readonly Hex[]): Hex {
  return encodeAbiParameters(STRINGS, [strings])
}

/** An attribute that is a tensor. @param content as an operand's */
export function tensorValue({ elementType, shape }: Result, content: Hash): Hex {
  return encodeAbiParameters(TENSOR, [elementType, shape.map(BigInt), content])
}

/** What is wrong with a task's program root, beside the one that its step.onnx gives; undefined if nothing is. */
export function programFault(named: Hash, derived: Hash): { message: string; fix: string } | undefined {
  if (named === NO_PROGRAM || named === derived) return undefined
  return {
    message: `step.onnx has the program root ${derived}, but the task on chain names ${named}: a false step would be judged by another program than the one that is trained.`,
    fix: 'Choose another task: this one has to be created again, and assay task create fills in the right root.',
  }
}

/** The same with sizes as the encoder takes them. */
function wide<T extends { shape: readonly number[] }>(value: T): Omit<T, 'shape'> & { shape: bigint[] } {
  return { ...value, shape: value.shape.map(BigInt) }
}
