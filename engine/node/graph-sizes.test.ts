/** Each rule of engine/package/sizes against what the engine really gives. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm'
import { type Attributes, OPSET, SIZE_CASES, type SizeCase } from '../fixtures/size-cases.ts'
import { checkGraph } from '../package/graph-check.ts'
import { ALLOWED_OPERATORS } from '../package/operators.ts'
import { elementCount } from '../package/safetensors.ts'
import { hasSizeRule } from '../package/sizes/graph-cost.ts'
import { installedWasm } from './engine-pin.ts'

const LETTERS = 'abcdef'

function attributesOf(attributes: Attributes = {}): MessageInitShape<typeof AttributeProtoSchema>[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'string') {
      return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
    }
    if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
    if (typeof value === 'object') return { name, type: AttributeType.TENSOR, t: value }
    return Number.isInteger(value)
      ? { name, type: AttributeType.INT, i: BigInt(value) }
      : { name, type: AttributeType.FLOAT, f: value }
  })
}

const isShape = (input: SizeCase['inputs'][number]): input is number[] =>
  Array.isArray(input) && typeof input[0] === 'number'

/** The case as a model: each output of its node is cast to float32 and called out0, out1 … */
function modelOf(
  { op, inputs, attributes, outputs = 1, before = [], names }: SizeCase,
  shapes: number[][],
): Uint8Array {
  const given = inputs.map((input, i) => ({ input, name: LETTERS[i]! }))
  const made = Array.from({ length: outputs }, (_, i) => `made${i}`)
  const port = (name: string, shape: readonly number[]): MessageInitShape<typeof ValueInfoProtoSchema> => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: DataType.FLOAT,
          shape: {
            dim: shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })),
          },
        },
      },
    },
  })
  const node = (
    opType: string,
    input: string[],
    output: string[],
    more?: Attributes,
  ): MessageInitShape<typeof NodeProtoSchema> => ({
    opType,
    name: output[0]!,
    input,
    output,
    attribute: attributesOf(more),
  })
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'case',
      node: [
        ...before.map(([opType, input, output, more]) => node(opType, input, [output], more)),
        node(
          op,
          names ?? given.map(({ input, name }) => (input === undefined ? '' : name)),
          made,
          attributes,
        ),
        ...made.map((name, i) => node('Cast', [name], [`out${i}`], { to: DataType.FLOAT })),
      ],
      initializer: given.flatMap(({ input, name }, i): MessageInitShape<typeof TensorProtoSchema>[] => {
        if (input === 'scalar')
          return [{ name, dataType: DataType.FLOAT, dims: [], floatData: [[0, 4, 1][i]!] }]
        if (input === undefined || isShape(input)) return []
        const isScalar = op === 'Range'
        const dims = isScalar ? [] : [...rankOf(op, i), BigInt(input.length)]
        return [{ name, dataType: DataType.INT64, dims, int64Data: input as bigint[] }]
      }),
      input: given.flatMap(({ input, name }) => (isShape(input) ? [port(name, input)] : [])),
      output: made.map((_, i) => port(`out${i}`, shapes[i]!)),
    },
  })
  return toBinary(ModelProtoSchema, model)
}

/** Axes before the last one of a constant. */
function rankOf(op: string, i: number): bigint[] {
  return (op === 'GatherElements' || op === 'ScatterND') && i === 1 ? [1n] : []
}

async function runShapes(one: SizeCase): Promise<number[][]> {
  const outputs = Array.from({ length: one.outputs ?? 1 }, () => [])
  const model = fromBinary(ModelProtoSchema, modelOf(one, outputs))
  for (const { type } of model.graph!.output) {
    if (type?.value.case === 'tensorType') delete type.value.value.shape
  }
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  })
  const feeds = one.inputs.flatMap((input, i) =>
    isShape(input)
      ? [[LETTERS[i]!, new Tensor('float32', new Float32Array(elementCount(input)).fill(1), input)] as const]
      : [],
  )
  const results = await session.run(Object.fromEntries(feeds))
  await session.release()
  return outputs.map((_, i) => [...results[`out${i}`]!.dims])
}

function check(one: SizeCase, shapes: number[][]) {
  const inputs = one.inputs.flatMap((input, i) =>
    isShape(input) ? [{ name: LETTERS[i]!, shape: input }] : [],
  )
  const outputs = shapes.map((shape, i) => ({ name: `out${i}`, shape }))
  return checkGraph(modelOf(one, shapes), { inputs, outputs })
}

describe('the size of every value', () => {
  before(async () => {
    env.wasm.numThreads = 1
    env.wasm.wasmBinary = (await installedWasm()).slice().buffer
    env.logLevel = 'fatal'
  })

  it('has a rule for each operator that is allowed, and a case here', () => {
    const covered = new Set(SIZE_CASES.map(({ op }) => op))
    for (const op of ALLOWED_OPERATORS) {
      expect(hasSizeRule(op), op).to.equal(true)
      expect(covered.has(op), `a case for ${op}`).to.equal(true)
    }
  })

  for (const one of SIZE_CASES) {
    it(`is that of the engine: ${one.op} of ${JSON.stringify(one.inputs, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))} ${Object.keys(one.attributes ?? {})}`, async () => {
      const shapes = await runShapes(one)
      expect(check(one, shapes).cost.operations).to.be.above(0)
      const wrong = shapes.map((shape) => [...shape, 2])
      expect(() => check(one, wrong)).to.throw('the nodes give out0 the shape')
    })
  }
})
