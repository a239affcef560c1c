import { merkleProof, merkleRoot } from '@assay/sdk/protocol/merkle.ts'
import {
  frameHash,
  type Operand,
  type ProgramFrame,
  type ProgramNode,
  programLeaf,
  programRootOf,
} from '@assay/sdk/protocol/program.ts'
import type { Draws } from '../draws.ts'
import { type Case, UINT32 } from './case.ts'

export const programCases: readonly Case[] = [
  {
    name: 'frameHash',
    count: 60,
    draw: (d) => {
      const frame = drawFrame(d)
      const { learningRate, stateChunkBytes, inputs, outputs } = frame
      const ports = inputs.map(({ name, shape }) => [name, shape])
      const args = [learningRate, stateChunkBytes, ports, outputs.map(fieldsOf)]
      return { args: [args], twin: () => [frameHash(frame)] }
    },
  },
  { name: 'isNode', count: 60, draw: drawNodes },
]

/** One node of a program of a few, sometimes claimed for another place or number, or with an attribute changed. */
function drawNodes(d: Draws): ReturnType<Case['draw']> {
  const nodes = d.list(d.number(1, 9), () => drawNode(d))
  const leaves = nodes.map((node, index) => programLeaf(index, node))
  const at = d.number(0, nodes.length - 1)
  const frame = d.hash()
  const root = programRootOf(frame, merkleRoot(leaves), nodes.length)
  const [index, count] = [d.flag() ? at : d.number(0, 9), d.flag() ? nodes.length : d.number(1, 9)]
  const node = nodes[d.flag() ? at : d.number(0, nodes.length - 1)]!
  const isThere = programLeaf(index, node) === leaves[at] && count === nodes.length
  const { operatorSet, operator, operands, results, attributes } = node
  const fields = [
    operatorSet,
    operator,
    operands.map(fieldsOf),
    results.map(({ elementType, shape }) => [elementType, shape]),
    attributes.map(({ name, kind, value }) => [name, kind, value]),
  ]
  return { args: [root, frame, count, index, fields, merkleProof(leaves, at)], twin: () => [isThere] }
}

function drawNode(d: Draws): ProgramNode {
  return {
    operatorSet: d.number(13, 22),
    operator: d.flag() ? 'Gemm' : 'LogSoftmax',
    operands: d.list(d.number(0, 3), () => drawOperand(d)),
    results: d.list(d.number(1, 2), () => ({ elementType: d.number(0, 16), shape: drawShape(d) })),
    attributes: d.list(d.number(0, 2), () => ({
      name: d.flag() ? 'alpha' : 'β of a name that takes more than one word of memory',
      kind: d.number(1, 8),
      value: d.flag() ? '0x3f800000' : d.hash(),
    })),
  }
}

function drawFrame(d: Draws): ProgramFrame {
  return {
    learningRate: d.number(0, Number(UINT32)),
    stateChunkBytes: d.flag() ? 1024 : 4096,
    inputs: d.list(d.number(0, 3), () => ({ name: d.flag() ? 'w0' : 'x', shape: drawShape(d) })),
    outputs: d.list(d.number(0, 3), () => drawOperand(d)),
  }
}

function drawOperand(d: Draws): Operand {
  return {
    source: d.number(0, 3) as Operand['source'],
    index: d.number(0, Number(UINT32)),
    result: d.number(0, 63),
    elementType: d.number(0, 16),
    shape: drawShape(d),
    content: d.hash(),
  }
}

function drawShape(d: Draws): number[] {
  return d.list(d.number(0, 8), () => d.number(0, Number.MAX_SAFE_INTEGER))
}

function fieldsOf({ source, index, result, elementType, shape, content }: Operand): unknown[] {
  return [source, index, result, elementType, shape, content]
}
