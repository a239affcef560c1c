import { fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { ModelProtoSchema } from 'onnx-buf'
import { batchOf, SMALL_MODELS, type SmallModel, stateFeeds } from '../fixtures/built-models.ts'
import { type Feed, runGraph } from '../fixtures/run-graph.ts'
import { modelOnnx } from './model-onnx.ts'
import { buildModel } from './models/build-model.ts'
import { encodeGraph, intsConstant, node } from './onnx-author.ts'

const ROWS = 6

function fileOf(small: SmallModel) {
  const { predictGraph, state, init } = buildModel(small.options)
  const { inputs, evalBatchSize: rows } = small.options
  return modelOnnx({ predictGraph, state: init, tensors: state, inputs, rows, words: { from: 'a test' } })
}

/** Row `at` of a batch, alone. */
function rowOf({ shape: [rows, ...row], data }: Feed, at: number): Feed {
  const size = data.length / rows!
  return { shape: [1, ...row], data: data.slice(at * size, (at + 1) * size) as Feed['data'] }
}

const inputsOf = (small: SmallModel) => new Map([...batchOf(small)].filter(([name]) => name !== 'y'))

describe('a model as one file', () => {
  for (const small of SMALL_MODELS) {
    it(`takes rows one by one: ${small.name}`, async () => {
      const { bytes, rows } = fileOf(small)
      expect(rows).to.equal(undefined)
      const inputs = inputsOf(small)
      const built = buildModel(small.options)
      const model = stateFeeds({ ...built, state: built.state.filter(({ role }) => role === 'model') })
      const expected = await runGraph(built.predictGraph, new Map([...model, ...inputs]))
      const size = expected.predictions!.length / ROWS
      const last = new Map([...inputs].map(([name, one]) => [name, rowOf(one, ROWS - 1)]))
      const { predictions } = await runGraph(bytes, last)
      expect(predictions).to.have.length(size)
      for (const [i, value] of predictions!.entries())
        expect(value).to.be.closeTo(expected.predictions![(ROWS - 1) * size + i]!, 1e-6)
    })
  }

  const port = { name: 'x', shape: [4] }
  const graphOf = (nodes: ReturnType<typeof node>[], shape: number[]) =>
    modelOnnx({
      predictGraph: encodeGraph(
        'case',
        { inputs: [{ name: 'x', shape: [4, 4] }], outputs: [{ name: 'predictions', shape }] },
        nodes,
        [intsConstant('square', [4n, 4n, 1n]), intsConstant('flat', [16n]), intsConstant('back', [4n, 4n])],
      ),
      state: new Map(),
      tensors: [],
      inputs: [port],
      rows: 4,
      words: {},
    })

  it('tells rows from features, though both are four', async () => {
    const nodes = [
      node('Transpose', ['x'], 'turned'),
      node('Reshape', ['turned', 'flat'], 'line'),
      node('Reshape', ['line', 'back'], 'again'),
      node('Transpose', ['again'], 'predictions'),
    ]
    const { bytes, rows } = graphOf(nodes, [4, 4])
    expect(rows).to.equal(undefined)
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
    const { predictions } = await runGraph(bytes, new Map([['x', { shape: [2, 4], data }]]))
    expect(predictions).to.deep.equal(data)
  })

  it('keeps its rows where a node is made for so many', () => {
    const halves = [
      node('Split', ['x'], ['a', 'b'], { axis: 0n }),
      node('Concat', ['b', 'a'], 'predictions', { axis: 0n }),
    ]
    const spread = [node('Expand', ['x', 'square'], 'predictions')]
    expect(graphOf(spread, [4, 4, 4]).rows).to.equal(4)
    const { bytes, rows } = graphOf(halves, [4, 4])
    expect(rows).to.equal(4)
    const { graph } = fromBinary(ModelProtoSchema, bytes)
    const type = graph!.input[0]!.type!.value
    expect(type.case === 'tensorType' && type.value.shape!.dim[0]!.value.value).to.equal(4n)
  })

  it('says where it is from', () => {
    const { metadataProps } = fromBinary(ModelProtoSchema, fileOf(SMALL_MODELS[0]!).bytes)
    expect(metadataProps.map(({ key, value }) => [key, value])).to.deep.equal([['from', 'a test']])
  })
})
