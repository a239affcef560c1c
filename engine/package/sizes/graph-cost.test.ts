import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  NodeProtoSchema,
} from 'onnx-buf'
import {
  encodeGraph,
  floatConstant,
  type GraphConstant,
  type GraphNode,
  intsConstant,
  node,
} from '../../author/onnx-author.ts'
import { smallTask } from '../../fixtures/small-tasks.ts'
import { checkGraph, DEFAULT_GRAPH_LIMITS, type GraphSignature } from '../graph-check.ts'
import { evalSignature } from '../graph-signature.ts'

/** A graph of x [4, 3] to out [4]. */
const signature: GraphSignature = {
  inputs: [{ name: 'x', shape: [4, 3] }],
  outputs: [{ name: 'out', shape: [4] }],
}
/** The largest of the data, as a list of one whole number. */
const LARGEST = [
  node('ReduceMax', ['x'], 'largest', { keepdims: 0n }),
  node('Cast', ['largest'], 'count', { to: 7n }),
  node('Unsqueeze', ['count', 'axis'], 'counts'),
]
const END = [node('ReduceSum', ['x', 'last'], 'out', { keepdims: 0n })]
const CONSTANTS = [
  intsConstant('axis', [0n]),
  intsConstant('last', [1n]),
  intsConstant('one', [1n]),
  intsConstant('four', [4n]),
  { name: 'from', dataType: DataType.INT64, dims: [], int64Data: [0n] },
  floatConstant('fill', 1),
]

const graphOf = (nodes: GraphNode[], constants: GraphConstant[] = []) =>
  encodeGraph('case', signature, nodes, [...CONSTANTS, ...constants])
const check = (nodes: GraphNode[], constants: GraphConstant[] = [], limits = DEFAULT_GRAPH_LIMITS) =>
  checkGraph(graphOf(nodes, constants), signature, limits)

function refusal(...args: Parameters<typeof check>): string {
  try {
    check(...args)
  } catch (error) {
    expect(error).to.have.property('code', 'graph')
    return (error as Error).message
  }
  throw new Error('the graph was taken')
}

describe('what a run of a graph takes', () => {
  it('follows from shapes alone', () => {
    const { cost } = check(END)
    expect(cost.operations).to.equal(64 * 12)
    // x, the constants, out.
    expect(cost.memoryBytes).to.equal(4 * 12 + 5 * 8 + 4 + 4 * 4)
  })

  it('counts a value only while a later node uses it', () => {
    const chain = Array.from({ length: 10 }, (_, i) => node('Neg', [i === 0 ? 'x' : `n${i - 1}`], `n${i}`))
    const { cost } = check([...chain, node('ReduceSum', ['n9', 'last'], 'out', { keepdims: 0n })])
    expect(cost.memoryBytes).to.equal(3 * 48 + 5 * 8 + 4)
  })

  it('is the same for the tasks that we author as worked out by hand', () => {
    const { spec, evalGraph } = smallTask()
    const { cost } = checkGraph(evalGraph, evalSignature(spec))
    const products = 16 * 6 * (8 + 1) + 16 * 3 * (6 + 1)
    expect(cost.operations).to.be.within(products, 10 * products)
  })

  const sized: [string, GraphNode][] = [
    ['Range', node('Range', ['from', 'count', 'from'], 'made')],
    ['Expand', node('Expand', ['fill', 'counts'], 'made')],
    ['Tile', node('Tile', ['four', 'counts'], 'made')],
    ['ConstantOfShape', node('ConstantOfShape', ['counts'], 'made')],
    ['Reshape', node('Reshape', ['x', 'counts'], 'made')],
    ['Slice', node('Slice', ['four', 'axis', 'counts'], 'made')],
    ['OneHot', node('OneHot', ['four', 'count', 'four'], 'made')],
    ['Pad', node('Pad', ['four', 'counts'], 'made')],
    ['TopK', node('TopK', ['x', 'counts'], 'made')],
    ['Unsqueeze', node('Unsqueeze', ['x', 'counts'], 'made')],
    ['Squeeze', node('Squeeze', ['x', 'counts'], 'made')],
    ['ReduceSum', node('ReduceSum', ['x', 'counts'], 'made')],
    ['Split', node('Split', ['four', 'counts'], 'made')],
  ]
  for (const [name, maker] of sized) {
    it(`is refused where data decides a size: ${name}`, () => {
      expect(refusal([...LARGEST, maker, ...END])).to.match(
        new RegExp(
          `^node 4, ${name} \\(made\\), makes a value whose size depends on data, through its input \\d ` +
            '\\(counts?\\); make that input a constant, or compute it from constants and shapes alone$',
        ),
      )
    })
  }

  const list = (name: string, dataType: DataType, int32Data: number[]): GraphConstant => ({
    name,
    dataType,
    dims: [BigInt(int32Data.length)],
    int32Data,
  })
  const computed: [string, GraphNode[], GraphConstant[]][] = [
    [
      'a whole number above 2⁵³',
      [node('Sub', ['a', 'b'], 'length')],
      [intsConstant('a', [2n ** 53n + 1n]), intsConstant('b', [2n ** 53n])],
    ],
    [
      'a product that wraps',
      [node('Mul', ['a', 'a'], 'wrapped'), node('Sub', ['wrapped', 'wrapped'], 'length')],
      [intsConstant('a', [2n ** 32n])],
    ],
    [
      'a product of int32 that wraps',
      [
        node('Mul', ['a', 'a'], 'wrapped'),
        node('Cast', ['wrapped'], 'wide', { to: 7n }),
        node('Sub', ['b', 'wide'], 'length'),
      ],
      [list('a', DataType.INT32, [65_537]), intsConstant('b', [65_537n * 65_537n])],
    ],
    [
      'a product of sizes that wraps',
      [node('ReduceProd', ['a'], 'product', { keepdims: 1n }), node('Sub', ['product', 'b'], 'length')],
      [intsConstant('a', [2n ** 27n - 1n, 2n ** 27n + 1n]), intsConstant('b', [2n ** 54n])],
    ],
    [
      'a float that is rounded',
      [
        node('Cast', ['a'], 'float', { to: 1n }),
        node('Cast', ['float'], 'back', { to: 7n }),
        node('Sub', ['a', 'back'], 'length'),
      ],
      [intsConstant('a', [2n ** 24n + 1n])],
    ],
    [
      'a byte that is cut',
      [
        node('Cast', ['a'], 'byte', { to: 2n }),
        node('Cast', ['byte'], 'back', { to: 7n }),
        node('Sub', ['a', 'back'], 'length'),
      ],
      [intsConstant('a', [260n])],
    ],
  ]
  for (const [name, nodes, constants] of computed) {
    it(`is refused where a size is computed with what the engine has otherwise: ${name}`, () => {
      expect(refusal([...nodes, node('ConstantOfShape', ['length'], 'made'), ...END], constants)).to.contain(
        'ConstantOfShape (made), makes a value whose size depends on data',
      )
    })
  }

  it('is refused where the sum of a size and its padding is not exact', () => {
    const pads = intsConstant('pads', [2n ** 53n - 1n, 0n, 1n - 2n ** 53n, 0n])
    expect(refusal([node('Pad', ['x', 'pads'], 'made'), ...END], [pads])).to.contain(
      'Pad (made), has NaN as the size of its output',
    )
  })

  it('is refused where an attribute can be read in two ways', () => {
    const made = (
      opType: string,
      input: string[],
      attribute: MessageInitShape<typeof AttributeProtoSchema>[],
    ) => create(NodeProtoSchema, { opType, name: 'made', input, output: ['made'], attribute })
    const start = { name: 'start', type: AttributeType.INT }
    const zero = { name: 'value', type: AttributeType.TENSOR, t: intsConstant('', [0n]) }
    const seven = { name: 'value_ints', type: AttributeType.INTS, ints: [7n] }
    const cases: [GraphNode, string][] = [
      [
        made(
          'Shape',
          ['x'],
          [
            { ...start, i: 1n },
            { ...start, i: 0n },
          ],
        ),
        'has two attributes start; export it again',
      ],
      [made('Constant', [], [seven, zero]), 'has 2 attributes; give one value'],
      [made('Constant', [], [{ ...seven, name: 'value' }]), 'has an attribute value of another type'],
      [node('ReduceSum', ['x'], 'made', { keepdims: 2n }), 'has 2 as keepdims; use 0 or 1'],
      [node('GatherND', ['x', 'place'], 'made', { batch_dims: -1n }), 'has -1 as batch_dims'],
      [node('Split', ['x'], 'made', { num_outputs: 2n }), 'has 1 outputs and 2 as num_outputs'],
    ]
    const place = { name: 'place', dataType: DataType.INT64, dims: [1n, 1n], int64Data: [0n] }
    for (const [one, reason] of cases) expect(refusal([one, ...END], [place])).to.contain(reason)
  })

  it('is refused where a constant index is out of range, however it is made', () => {
    const far = intsConstant('far', [1_000_000n])
    expect(refusal([node('Gather', ['x', 'far'], 'picked'), ...END], [far])).to.equal(
      'node 1, Gather (picked), takes element 1000000 of 4; use -4 to 3, or clip the indices',
    )
    const computed = [
      node('Mul', ['far', 'four'], 'farther'),
      node('Neg', ['farther'], 'before'),
      node('Gather', ['x', 'before'], 'picked'),
    ]
    expect(refusal([...computed, ...END], [far])).to.contain('takes element -4000000 of 4')
    const place: GraphConstant = {
      name: 'place',
      dataType: DataType.INT64,
      dims: [1n, 2n],
      int64Data: [3n, 3n],
    }
    expect(refusal([node('GatherND', ['x', 'place'], 'picked'), ...END], [place])).to.contain(
      'takes element 3 of 3; use -3 to 2',
    )
    expect(refusal([node('ScatterND', ['x', 'place', 'fill'], 'picked'), ...END], [place])).to.contain(
      'takes element 3 of 3',
    )
    const row: GraphConstant = {
      name: 'row',
      dataType: DataType.INT64,
      dims: [1n, 3n],
      int64Data: [0n, 4n, 0n],
    }
    expect(refusal([node('GatherElements', ['x', 'row'], 'picked'), ...END], [row])).to.contain(
      'takes element 4 of 4',
    )
  })

  it('is refused where it takes too many operations, with the node, the number and the limit', () => {
    const wide = intsConstant('wide', [3000n, 3000n])
    const products = Array.from({ length: 4 }, (_, i) =>
      node('MatMul', [i === 0 ? 'square' : `p${i - 1}`, 'square'], `p${i}`),
    )
    const nodes = [node('Expand', ['fill', 'wide'], 'square'), ...products, ...END]
    const limits = { ...DEFAULT_GRAPH_LIMITS, maxOperations: 9e10 }
    expect(refusal(nodes, [wide], limits)).to.equal(
      'node 5, MatMul (p3), brings one run to 108288000000 operations, the limit is 90000000000; use a smaller batch or model',
    )
    expect(refusal(nodes, [wide])).to.match(
      /^node 2, MatMul \(p0\), brings one run to 27288000000 operations/,
    )
  })

  it('is refused where it takes too much memory, however large the size is', () => {
    const huge = intsConstant('huge', [8_000n, 20_000n])
    expect(refusal([node('Expand', ['fill', 'huge'], 'made'), ...END], [huge])).to.match(
      /^node 1, Expand \(made\), brings the memory of one run to 640\d{6} bytes, the limit is 536870912; use a smaller /,
    )
    const vast = intsConstant(
      'vast',
      Array.from({ length: 8 }, () => 2n ** 52n),
    )
    expect(refusal([node('ConstantOfShape', ['vast'], 'made'), ...END], [vast])).to.contain(
      'brings one run to',
    )
  })

  it('does not take long to be told of a graph that would take for ever', () => {
    const many = Array.from({ length: 4_096 }, (_, i) => BigInt(i))
    const rows: GraphConstant = { name: 'rows', dataType: DataType.INT64, dims: [4096n, 1n], int64Data: many }
    const sums = Array.from({ length: 400 }, (_, i) =>
      node('Add', [i === 0 ? 'rows' : `s${i - 1}`, 'columns'], `s${i}`),
    )
    expect(refusal([...sums, ...END], [rows, intsConstant('columns', many)])).to.match(
      /^node \d+, Add .* brings (one run|the memory)/,
    )
  })

  it('is refused where shapes do not fit, a value comes from nowhere or twice, or the outputs are others', () => {
    const cases: [GraphNode[], string][] = [
      [[node('MatMul', ['x', 'x'], 'made')], 'node 1, MatMul (made), has inputs of shapes [4,3] and [4,3]'],
      [[node('Add', ['x', 'wide'], 'made')], 'has inputs of shapes [4,3] and [5]'],
      [[node('Neg', ['nowhere'], 'made')], 'node 1, Neg (made), takes nowhere, which no earlier node makes'],
      [[node('Neg', ['later'], 'made'), node('Neg', ['x'], 'later')], 'takes later, which no earlier node'],
      [[node('Neg', ['x'], 'made'), node('Abs', ['x'], 'made')], 'makes made, which is there already'],
      [[node('Neg', ['x'], 'x')], 'makes x, which is there already'],
      [[node('Reshape', ['x', 'wide'], 'made')], 'makes the shape [1,1,1,1,1] of a value of shape [4,3]'],
      [[node('Transpose', [], 'made')], 'lacks its input 1'],
      [[node('Softmax', [''], 'made')], 'lacks its input 1'],
      [[node('Concat', [], 'made', { axis: 0n })], 'lacks its input 1'],
      [[node('Add', [], 'made')], 'lacks its input 1'],
      [[node('Cast', ['x'], 'made', { to: 8n })], 'has a value of element type 8'],
      [[node('ReduceSum', ['x', 'four'], 'made')], 'has the axis 4 for a value of rank 2; use -2 to 1'],
    ]
    const wide = intsConstant('wide', [1n, 1n, 1n, 1n, 1n])
    for (const [nodes, reason] of cases) expect(refusal([...nodes, ...END], [wide])).to.contain(reason)
    expect(refusal([node('Identity', ['x'], 'out')])).to.equal(
      'the nodes give out the shape [4,3], task.json says float32 [4]; change one of the two',
    )
    expect(refusal([node('Neg', ['x'], 'other')])).to.contain('no node makes the output out')
    expect(refusal([node('ArgMax', ['x'], 'out', { axis: 1n, keepdims: 0n })])).to.contain('in another type')
  })

  it('is refused where a node claims more outputs than its operator has', () => {
    const model = fromBinary(ModelProtoSchema, graphOf(END))
    model.graph!.node[0]!.output.push('extra')
    const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, model))
    expect(() => checkGraph(bytes, signature)).to.throw('has 2 outputs, 1 are made')
  })
})
