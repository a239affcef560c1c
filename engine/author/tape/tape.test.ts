import { fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { ModelProtoSchema } from 'onnx-buf'
import { runGraph } from '../../fixtures/run-graph.ts'
import { add, mul, scale } from '../operators/arithmetic.ts'
import { maxPool } from '../operators/pooling.ts'
import { dense, matMul } from '../operators/products.ts'
import { reduceSum } from '../operators/reduce.ts'
import { reshape } from '../operators/shapes.ts'
import { backward } from './backward.ts'
import { encodeTape } from './encode.ts'
import { input, newTape, parameter, type Tensor } from './tape.ts'

const nodesOf = (graph: Uint8Array) =>
  fromBinary(ModelProtoSchema, graph).graph!.node.map(({ opType, output }) => [opType, ...output])
const feed = (values: number[], shape = [values.length]) => ({ shape, data: Float32Array.from(values) })

describe('a tape', () => {
  it('is written without nodes that no output needs, under the names of its outputs', () => {
    const tape = newTape()
    const x = input(tape, 'x', [2])
    scale(x, 5)
    const double = scale(x, 2)
    const graph = encodeTape(tape, 'g', new Map([['y', add(double, x)]]))
    expect(nodesOf(graph)).to.deep.equal([
      ['Mul', 'Mul_1'],
      ['Add', 'y'],
    ])
    expect(
      fromBinary(ModelProtoSchema, graph).graph!.initializer.map(({ floatData }) => floatData),
    ).to.deep.equal([[2]])
  })

  it('gives an input, and one value twice, as copies', async () => {
    const tape = newTape()
    const x = input(tape, 'x', [2])
    const y = scale(x, 2)
    const graph = encodeTape(
      tape,
      'g',
      new Map([
        ['a', y],
        ['b', y],
        ['c', x],
      ]),
    )
    const { a, b, c } = await runGraph(graph, new Map([['x', feed([1, 2])]]))
    expect([a, b, c].map((values) => [...values!])).to.deep.equal([
      [2, 4],
      [2, 4],
      [1, 2],
    ])
  })

  it('is written as the same bytes each time', () => {
    const write = () => {
      const tape = newTape()
      const w = parameter(tape, 'w', [3, 2])
      const y = dense(input(tape, 'x', [4, 3]), w, input(tape, 'b', [2]))
      const [gradient] = backward(reduceSum(mul(y, y), [0, 1]), [w])
      return encodeTape(tape, 'g', new Map([['w_next', gradient!]]))
    }
    expect(write()).to.deep.equal(write())
  })

  it('computes no gradient of what is not trained', () => {
    const tape = newTape()
    const w = parameter(tape, 'w', [3, 2])
    const y = dense(input(tape, 'x', [4, 3]), w, input(tape, 'b', [2]))
    const [gradient] = backward(reduceSum(y, [0, 1]), [w])
    expect(
      nodesOf(encodeTape(tape, 'g', new Map([['dw', gradient!]]))).map(([operator]) => operator),
    ).to.deep.equal(['Reshape', 'Expand', 'Gemm'])
  })

  it('starts its gradients with a seed', async () => {
    const tape = newTape()
    const w = parameter(tape, 'w', [2])
    const gradients = backward(reduceSum(mul(w, w), [0]), [w], input(tape, 'lr', []))
    const graph = encodeTape(tape, 'g', new Map([['dw', gradients[0]!]]))
    const { dw } = await runGraph(
      graph,
      new Map([
        ['w', feed([1, 2])],
        ['lr', feed([10], [])],
      ]),
    )
    expect([...dw!]).to.deep.equal([20, 40])
  })

  it('sends the gradient of a window to one of its largest values, even where several are equal', async () => {
    const tape = newTape()
    const x = parameter(tape, 'x', [1, 1, 2, 4])
    const [gradient] = backward(reduceSum(maxPool(x, [2, 2]), [0, 1, 2, 3]), [x])
    const { dx } = await runGraph(
      encodeTape(tape, 'g', new Map([['dx', gradient!]])),
      new Map([['x', feed([0, 7, 3, 3, 7, 7, 3, 3], [1, 1, 2, 4])]]),
    )
    expect([...dx!]).to.deep.equal([0, 1, 1, 0, 0, 0, 0, 0])
  })

  const wrong: [string, (x: Tensor, w: Tensor) => unknown, string][] = [
    ['a loss of several numbers', (x) => backward(x, []), 'the loss has shape [2,3], not []'],
    [
      'a loss without the tensor',
      (x, w) => backward(reduceSum(x, [0, 1]), [w]),
      'the loss does not depend on w',
    ],
    ['shapes that cannot be added', (x, w) => add(x, w), "shapes [2,3] and [2,2] don't fit together"],
    ['shapes that cannot be multiplied', (x, w) => matMul(x, w), "[2,3] · [2,2] don't fit together"],
    ['a dense layer of another width', (x, w) => dense(x, w, w), "[2,3] · [2,2] + [2,2] don't fit together"],
    ['another number of elements', (x) => reshape(x, [7]), "[2,3] can't become [7]"],
  ]
  for (const [name, build, message] of wrong) {
    it(`is not written with ${name}`, () => {
      const tape = newTape()
      expect(() => build(parameter(tape, 'x', [2, 3]), parameter(tape, 'w', [2, 2]))).to.throw(message)
    })
  }
})
