import { merkleProof, provenRoot } from '@assay/sdk/protocol/merkle.ts'
import {
  frameHash,
  NO_CONTENT,
  OPERAND_SOURCE,
  type Program,
  programLeaf,
  programRoot,
  programRootOf,
  stringsValue,
  tensorValue,
} from '@assay/sdk/protocol/program.ts'
import { clone, create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
} from 'onnx-buf'
import { buildMlpTask } from '../author/mlp-task.ts'
import { blobs, poolOf, seedOf, smallPackage, smallTask } from '../fixtures/small-tasks.ts'
import type { Hash } from '../hash.ts'
import { type CheckedGraph, checkGraph } from './graph-check.ts'
import { stepSignature } from './graph-signature.ts'
import { describeProgram } from './program.ts'
import { onlyRate } from './schedule.ts'
import { bytesRoot, tensorRoot } from './state-tree.ts'

const { spec, stepGraph } = smallTask()
const signature = stepSignature(spec)
const RATE = Math.fround(0.1)
const TASK = { signature, rate: RATE, stateChunkBytes: 1024 }
const checked = checkGraph(stepGraph, signature)

/** The program of the small task's step, after changes that need not fit together. */
function programOf(changes: Partial<CheckedGraph> = {}, task: Partial<typeof TASK> = {}): Program {
  return describeProgram({ ...checked, ...changes }, { ...TASK, ...task })
}

/** Its root after a change of the graph. */
function rootAfter(change: (graph: GraphProto) => void): Hash {
  const graph = clone(GraphProtoSchema, checked.graph)
  change(graph)
  return programRoot(programOf({ graph }))
}

/** Its root after a change of the file, with every check. */
function rootOfFile(change: (graph: GraphProto) => void): Hash {
  const model = fromBinary(ModelProtoSchema, stepGraph)
  change(model.graph!)
  const found = checkGraph(toBinary(ModelProtoSchema, model), signature)
  return programRoot(describeProgram(found, TASK))
}

const root = programRoot(programOf())

describe('the program of a task', () => {
  it('is what the package says, and stays the same (golden: small task)', async () => {
    const task = await smallPackage()
    expect(task.programRoot).to.equal(root)
    expect(onlyRate(task.spec.schedule)).to.equal(RATE)
    expect(root).to.equal('0x3d136586fa1d00ebb8556ca8b3cd4167aa8896527a5d8ddb721fba43243e8a44')
  })

  it("stays the same for the digits' step (golden), 21 nodes of 784-128-10 and batches of 32", () => {
    const digits = buildMlpTask({
      name: 'digits',
      inputSize: 784,
      hidden: [128],
      classes: 10,
      batchSize: 32,
      evalBatchSize: 50,
      steps: 10,
      commitEvery: 5,
      learningRate: '0.2',
      unitsPerStep: 1,
      personalSamples: 50,
      rootSteps: 10,
      pool: poolOf(blobs(20, seedOf('holdout'))),
      seed: seedOf('init'),
    })
    const ports = stepSignature(digits.spec)
    const program = describeProgram(checkGraph(digits.stepGraph, ports), {
      signature: ports,
      rate: Math.fround(0.2),
      stateChunkBytes: digits.spec.stateChunkBytes,
    })
    expect(program.nodes.map(({ operator }) => operator).slice(0, 4)).to.deep.equal([
      'Gemm',
      'Relu',
      'Gemm',
      'LogSoftmax',
    ])
    expect(program.nodes).to.have.length(21)
    expect(programRoot(program)).to.equal(
      '0xfe3fb248b371ef0a96d03af9c561ab737fdfb95b4bc5729b0563c4f55b8ab190',
    )
  })

  it('names no learning rate where it differs between steps, so that no contract takes one for it', () => {
    const { frame } = programOf(
      {},
      { rate: onlyRate({ kind: 'step', rate: '0.1', every: 1, factor: '0.5' }) },
    )
    expect(frame.learningRate).to.equal(0x7fc00000)
    expect(programOf().frame.learningRate).to.equal(0x3dcccccd)
  })

  it('tells of each operand where it comes from, of each result its shape', () => {
    const { frame, nodes } = programOf()
    const { node, input, constant } = OPERAND_SOURCE
    expect(nodes[2]!.operands.map(({ source, index, shape }) => [source, index, shape])).to.deep.equal([
      [node, 1, [4, 6]],
      [input, 2, [6, 3]],
      [input, 3, [3]],
    ])
    expect(nodes[2]!.results).to.deep.equal([{ elementType: DataType.FLOAT, shape: [4, 3] }])
    expect(nodes[8]!.operands[1]).to.include({
      source: constant,
      content: bytesRoot(new Uint8Array(Float32Array.of(0.25).buffer), 1024),
    })
    expect(frame.outputs.at(-1)).to.include({ source: node, index: 7 })
    expect(frame.inputs.map(({ name }) => name)).to.deep.equal(['w0', 'b0', 'w1', 'b1', 'x', 'y', 'lr'])
  })

  it('has another leaf, and so another root, after any change of a node: operator, operand, result, attribute', () => {
    const leaves = programOf().nodes.map((node, at) => programLeaf(at, node))
    const change = (made: (node: NodeProto) => void, at: number) => {
      const graph = clone(GraphProtoSchema, checked.graph)
      made(graph.node[at]!)
      leaves.push(programLeaf(at, programOf({ graph }).nodes[at]!))
    }
    for (const [at, { input, attribute }] of checked.graph.node.entries()) {
      change((node) => Object.assign(node, { opType: 'Softsign' }), at)
      change((node) => node.output.push(''), at)
      change((node) => node.attribute.push(create(AttributeProtoSchema, intAttribute('more', 7n))), at)
      for (const k of input.keys())
        for (const other of ['', 'x', 'lr', 'constant_1', 'constant_3', 'w0_next'].filter(
          (name) => name !== input[k],
        ))
          change((node) => node.input.splice(k, 1, other), at)
      for (const [k, { name, i, f, ints }] of attribute.entries()) {
        change((node) => Object.assign(node.attribute[k]!, { name: `${name}x` }), at)
        change(
          (node) => Object.assign(node.attribute[k]!, { i: i + 1n, f: f + 0.5, ints: [...ints, 7n] }),
          at,
        )
        change((node) => node.attribute.splice(k, 1), at)
      }
    }
    expect(new Set(leaves).size).to.equal(leaves.length)
    expect(leaves.length).to.be.above(300)
  })

  it('has another root after any change of a shape, a type, a constant, the rate, the size of chunks, the outputs or the operator set', () => {
    const roots = [root]
    for (const [name, value] of checked.values)
      for (const other of [
        { ...value, shape: [...value.shape, 1] },
        { ...value, type: value.type + 1 },
      ])
        roots.push(programRoot(programOf({ values: new Map(checked.values).set(name, other) })))
    for (const at of checked.graph.initializer.keys())
      roots.push(
        rootAfter(({ initializer }) => Object.assign(initializer[at]!, { rawData: new Uint8Array(16) })),
      )
    roots.push(programRoot(programOf({ operatorSet: 18 })), programRoot(programOf({}, { rate: 0.2 })))
    roots.push(programRoot(programOf({}, { stateChunkBytes: 4096 })))
    const swapped = { ...signature, outputs: signature.outputs.toReversed() }
    roots.push(programRoot(programOf({}, { signature: swapped })))
    roots.push(
      rootAfter(({ node }) =>
        node.push(create(NodeProtoSchema, { opType: 'Neg', input: ['x'], output: ['n'] })),
      ),
    )
    expect(new Set(roots).size).to.equal(roots.length)
  })

  it('numbers its nodes in the order of the file: another order is another root, even if it computes the same', () => {
    // Loss and gradient are independent of each other.
    const swapped = rootOfFile(({ node }) => node.splice(7, 2, node[8]!, node[7]!))
    expect(swapped).to.not.equal(root)
  })

  it('does not depend on names, on how the file is laid out, or on what no node takes', () => {
    const same = (change: (graph: GraphProto) => void) => expect(rootOfFile(change)).to.equal(root)
    const ports = new Set([...signature.inputs, ...signature.outputs].map(({ name }) => name))
    const renamed = (name: string) => (ports.has(name) || name === '' ? name : `other ${name}`)
    same(({ node, initializer }) => {
      for (const one of node) {
        Object.assign(one, { name: 'n', docString: 'what it does', domain: 'ai.onnx' })
        Object.assign(one, { input: one.input.map(renamed), output: one.output.map(renamed) })
      }
      for (const one of initializer) Object.assign(one, { name: renamed(one.name), docString: 'a constant' })
    })
    same(({ node, initializer, input, output }) => {
      for (const one of [initializer, input, output, ...node.map(({ attribute }) => attribute)]) one.reverse()
    })
    same(({ initializer }) => {
      initializer.push(
        create(TensorProtoSchema, { name: 'unused', dataType: DataType.FLOAT, floatData: [1] }),
      )
    })
    same(({ initializer }) => {
      const rows = initializer.find(({ name }) => name === 'constant_1')!
      const rawData = new Uint8Array(Float32Array.from(rows.floatData).buffer)
      Object.assign(rows, { floatData: [], rawData })
      const axis = initializer.find(({ name }) => name === 'constant_3')!
      Object.assign(axis, { int64Data: [], rawData: new Uint8Array(8) })
    })
  })

  it('tells apart zeros of both signs and not the bits of a NaN, which differ between machines', () => {
    const [plain, odd] = [0x7fc00000, 0xffc01234].map((bits) => {
      const rawData = new Uint8Array(Uint32Array.of(bits).buffer)
      return rootAfter(({ initializer }) => Object.assign(initializer[1]!, { floatData: [], rawData }))
    })
    const written = rootAfter(({ initializer }) =>
      Object.assign(initializer[1]!, { floatData: [Number.NaN] }),
    )
    expect([plain, odd]).to.deep.equal([written, written])
    const file = Buffer.from([0, 0, 0xc0, 0xff, 0x34, 0x12, 0xc0, 0xff])
    const before = Buffer.from(file)
    const rawData = file.subarray(4)
    const inFile = rootAfter(({ initializer }) => Object.assign(initializer[1]!, { floatData: [], rawData }))
    expect([inFile, file]).to.deep.equal([written, before])
    const zeros = [0, -0].map((value) =>
      rootAfter(({ initializer }) => Object.assign(initializer[1]!, { floatData: [value] })),
    )
    expect(zeros[0]).to.not.equal(zeros[1])
  })

  it('proves each node at its place and nowhere else, and how many there are', () => {
    const { frame, nodes } = programOf()
    const leaves = nodes.map((node, index) => programLeaf(index, node))
    const proves = (index: number, at: number, count: number) =>
      programRootOf(
        frameHash(frame),
        provenRoot(programLeaf(at, nodes[index]!), merkleProof(leaves, index)),
        count,
      ) === root
    for (const index of nodes.keys()) {
      expect(proves(index, index, nodes.length)).to.equal(true)
      expect(proves(index, index + 1, nodes.length) || proves(index, index, nodes.length + 1)).to.equal(false)
    }
  })

  it('writes every kind of attribute and constant', () => {
    const values = (attribute: MessageInitShape<typeof AttributeProtoSchema>) =>
      programOf({
        graph: create(GraphProtoSchema, { node: [{ opType: 'Constant', attribute: [attribute] }] }),
      }).nodes[0]!.attributes[0]!.value
    const of = (type: AttributeType, fields: object) => values({ name: 'a', type, ...fields })
    expect(of(AttributeType.INT, { i: -2n })).to.equal('0xfffffffffffffffe')
    expect(of(AttributeType.INTS, { ints: [1n, 2n] })).to.equal(
      `0x${'1'.padStart(16, '0')}${'2'.padStart(16, '0')}`,
    )
    expect(of(AttributeType.FLOAT, { f: 1 })).to.equal('0x3f800000')
    expect(of(AttributeType.FLOATS, { floats: [1, -0] })).to.equal('0x3f80000080000000')
    expect(of(AttributeType.STRING, { s: Uint8Array.of(7) })).to.equal('0x07')
    expect(of(AttributeType.STRINGS, { strings: [Uint8Array.of(7)] })).to.equal(stringsValue(['0x07']))
    for (const [dataType, fields, bytes] of [
      [DataType.FLOAT, { floatData: [1] }, [0, 0, 0x80, 0x3f]],
      [DataType.INT32, { int32Data: [-2] }, [254, 255, 255, 255]],
      [DataType.INT64, { int64Data: [-2n] }, [254, 255, 255, 255, 255, 255, 255, 255]],
      [DataType.BOOL, { int32Data: [5] }, [1, 0, 0, 0]],
    ] as const) {
      const content = bytesRoot(Uint8Array.from(bytes), 1024)
      const t = { dataType, dims: [1n], ...fields }
      expect(of(AttributeType.TENSOR, { t })).to.equal(
        tensorValue({ elementType: dataType, shape: [1] }, content),
      )
    }
  })

  it('hashes the values of a constant as those of a tensor of the state, in chunks of 1 KiB', () => {
    const content = (tensor: MessageInitShape<typeof TensorProtoSchema>) => {
      const graph = { initializer: [{ name: 'k', ...tensor }], node: [{ opType: 'Neg', input: ['k'] }] }
      return programOf({ graph: create(GraphProtoSchema, graph) }).nodes[0]!.operands[0]!.content
    }
    const floats = Float32Array.from({ length: 600 }, (_, i) => i / 7)
    const dims = [600n]
    expect(content({ dataType: DataType.FLOAT, dims, floatData: [...floats] })).to.equal(
      tensorRoot(floats, 1024),
    )
    expect(content({ dataType: DataType.BOOL, dims: [3n], int32Data: [1, 0, 1] })).to.equal(
      bytesRoot(Uint8Array.of(1, 0, 1, 0), 1024),
    )
    expect(content({ dataType: DataType.FLOAT, dims: [0n] })).to.equal(NO_CONTENT)
  })
})

const intAttribute = (name: string, i: bigint) => ({ name, type: AttributeType.INT, i })
