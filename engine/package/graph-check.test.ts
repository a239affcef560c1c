import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from 'onnx-buf'
import { smallTask } from '../fixtures/small-tasks.ts'
import { checkGraph } from './graph-check.ts'
import { stepSignature } from './graph-signature.ts'
import { elementCount } from './safetensors.ts'

const { spec, stepGraph } = smallTask()
const signature = stepSignature(spec)

/** The small task's step graph after `change`. */
function changed(change: (model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, stepGraph)
  change(model)
  return toBinary(ModelProtoSchema, model)
}

function expectRefusal(bytes: Uint8Array, reason: string | RegExp): void {
  expect(() => checkGraph(bytes, signature))
    .to.throw(reason)
    .with.property('code', 'graph')
}

/** A model of a graph in an attribute of a node of a graph …, `depth` times. */
function nestedGraphs(depth: number): Uint8Array {
  // ModelProto.graph, then in turn GraphProto.node, NodeProto.attribute, AttributeProto.g; innermost first.
  const tags = [...new Array(depth).fill([0x32, 0x2a, 0x0a]).flat(), 0x3a]
  const headers: number[][] = []
  let length = 0
  for (const tag of tags) {
    const header = [tag]
    for (let rest = length; ; rest = Math.floor(rest / 128)) {
      header.push((rest % 128) + (rest >= 128 ? 128 : 0))
      if (rest < 128) break
    }
    headers.push(header)
    length += header.length
  }
  return Uint8Array.from(headers.reverse().flat())
}

describe('graph check', () => {
  it('passes our own graphs, unchanged', () => {
    expect(checkGraph(stepGraph, signature).bytes).to.deep.equal(stepGraph)
  })

  it('hands on what it checked: unknown fields are dropped', () => {
    const unknownField = Uint8Array.of(...stepGraph, 0xfa, 0x7f, 3, 1, 2, 3)
    expect(checkGraph(unknownField, signature).bytes).to.deep.equal(stepGraph)
  })

  it('refuses bytes that are not a model, whatever they are', () => {
    expectRefusal(Uint8Array.of(1, 2, 3), 'not an ONNX model')
    expectRefusal(new Uint8Array(0), 'IR version 0')
    expectRefusal(new Uint8Array(2 * 1024 * 1024), 'graph has 2097152 bytes, the limit is 1048576')
    fc.assert(
      fc.property(fc.nat(stepGraph.length - 1), fc.nat(255), fc.nat(stepGraph.length), (at, byte, length) => {
        const bytes = stepGraph.slice()
        bytes[at] = byte
        for (const hostile of [bytes, bytes.slice(0, length)]) {
          try {
            checkGraph(hostile, signature)
          } catch (error) {
            expect(error).to.have.property('code', 'graph')
          }
        }
      }),
      { seed: 21, numRuns: 500 },
    )
  })

  it('refuses messages nested without end', () => {
    expectRefusal(nestedGraphs(3), 'IR version 0')
    expectRefusal(nestedGraphs(30_000), /not an ONNX model|IR version 0/)
  })

  it('refuses operators outside the allow-list: control flow, chance, strings, other domains', () => {
    for (const opType of [
      'If',
      'Loop',
      'Scan',
      'RandomNormal',
      'Dropout',
      'StringNormalizer',
      'NonZero',
      '',
    ]) {
      const bytes = changed((model) => {
        model.graph!.node[0]!.opType = opType
      })
      expectRefusal(bytes, `node 1, ${opType} (Gemm_0), is not on the allow-list`)
    }
    const custom = changed((model) => {
      model.graph!.node[0]!.domain = 'com.microsoft'
    })
    const hostile = changed((model) => {
      Object.assign(model.graph!.node[0]!, { opType: '\u001b[2J', name: `\u202e${'x'.repeat(500)}` })
    })
    expectRefusal(hostile, /^node 1, \\u\{1b\}\[2J \(\\u\{202e\}x{59}\), is not on the allow-list/)
    expectRefusal(
      custom,
      /^node 1, Gemm \(Gemm_0\), is of domain com\.microsoft: only ai\.onnx is allowed; export /,
    )
  })

  it('passes operator sets that no node uses, and does not hand them on', () => {
    const exported = changed((model) => {
      for (const domain of ['ai.onnx.ml', 'pkg.onnxscript.torch_lib']) {
        model.opsetImport.unshift({ ...model.opsetImport[0]!, domain, version: 2n })
      }
    })
    expect(checkGraph(exported, signature).bytes).to.deep.equal(stepGraph)
  })

  it('refuses graphs that import the set of ai.onnx never, or twice', () => {
    const none = changed((model) => {
      model.opsetImport[0]!.domain = 'ai.onnx.ml'
    })
    expectRefusal(none, 'the operator set of ai.onnx is imported no times; import it once')
    const two = changed((model) => {
      model.opsetImport.push({ ...model.opsetImport[0]!, domain: 'ai.onnx', version: 20n })
    })
    expectRefusal(two, 'the operator set of ai.onnx is imported 2 times; import it once')
  })

  it('refuses operators that came later than the operator set that the graph imports', () => {
    const geluAt = (version: bigint) =>
      changed((model) => {
        model.opsetImport[0]!.version = version
        Object.assign(model.graph!.node[1]!, { opType: 'Gelu', name: 'act' })
      })
    expectRefusal(
      geluAt(17n),
      'node 2, Gelu (act), exists only from operator set 20 on, and the graph imports set 17; export with set 20 to 22',
    )
    expect(checkGraph(geluAt(20n), signature).bytes).to.deep.equal(geluAt(20n))
  })

  it('refuses subgraphs, functions and training info', () => {
    const subgraph = changed((model) => {
      const attribute = { name: 'body', type: AttributeType.GRAPH, g: {} }
      model.graph!.node.push(create(NodeProtoSchema, { opType: 'Relu', attribute: [attribute] }))
    })
    expectRefusal(subgraph, /^node \d+, Relu \(\), has an attribute body that holds a subgraph/)
    const lying = changed((model) => {
      const attribute = { name: 'body', type: AttributeType.INT, g: {} }
      model.graph!.node.push(create(NodeProtoSchema, { opType: 'Relu', attribute: [attribute] }))
    })
    expectRefusal(lying, 'attribute body that holds a subgraph')
    const local = changed((model) => {
      model.functions.push(create(FunctionProtoSchema, { name: 'f' }))
    })
    expectRefusal(local, 'local functions')
  })

  it('refuses data kept in other files', () => {
    const location = changed((model) => {
      model.graph!.initializer[0]!.dataLocation = DataLocation.EXTERNAL
    })
    expectRefusal(location, 'keeps its data in another file')
    const path = changed((model) => {
      const tensor = create(TensorProtoSchema, {
        dims: [1n],
        dataType: DataType.FLOAT,
        name: 'secret',
        externalData: [{ key: 'location', value: '../../etc/passwd' }],
      })
      model.graph!.initializer.push(tensor)
    })
    expectRefusal(path, 'constant secret keeps its data in another file')
    const inAttribute = changed((model) => {
      const t = { dims: [1n], dataType: DataType.FLOAT, externalData: [{ key: 'location', value: 'x' }] }
      const attribute = { name: 'value', type: AttributeType.TENSOR, t }
      model.graph!.node.push(create(NodeProtoSchema, { opType: 'Constant', attribute: [attribute] }))
    })
    expectRefusal(inAttribute, /^node \d+, Constant \(\), keeps its data in another file; export /)
  })

  it('refuses constants that are huge, lie about their size, or of other types', () => {
    const constant = (init: object) =>
      changed((model) => {
        model.graph!.initializer.push(
          create(TensorProtoSchema, { name: 'k', dataType: DataType.FLOAT, ...init }),
        )
      })
    expectRefusal(constant({ dims: [1n << 40n] }), 'has a dimension of 1099511627776')
    expectRefusal(constant({ dims: [-1n] }), 'has a dimension of -1')
    expectRefusal(constant({ dims: [1000n, 1000n] }), 'has dimensions [1000,1000] but holds 0 values')
    expectRefusal(constant({ dims: [100_000n], rawData: new Uint8Array(400_000) }), 'the limit is 65536')
    expectRefusal(
      constant({ dims: [1n], floatData: [1], rawData: new Uint8Array(4) }),
      'holds its values twice',
    )
    expectRefusal(constant({ dims: [1n], dataType: DataType.STRING }), 'has element type 8')
    expectRefusal(constant({ dims: [1n], floatData: [1], name: 'w0' }), 'initializer w0 hides an input')
    expectRefusal(constant({ dims: [1n], int64Data: [1n] }), 'keeps its values in the field of another type')
    expectRefusal(
      constant({ dims: [1n], floatData: [1], name: 'constant_0' }),
      'two constants are named constant_0',
    )
    const truth = { dims: [3n], dataType: DataType.BOOL }
    expect(checkGraph(constant({ ...truth, int32Data: [1, 0, 1] }), signature).values.has('k')).to.equal(true)
    for (const held of [{ rawData: Uint8Array.of(1, 0, 2) }, { int32Data: [1, 0, 256] }])
      expectRefusal(constant({ ...truth, ...held }), 'constant k holds a boolean that is neither 0 nor 1')
  })

  it('refuses inputs and outputs other than those of task.json', () => {
    const renamed = changed((model) => {
      model.graph!.input[0]!.name = 'other'
    })
    expectRefusal(renamed, /inputs are other, .*task.json asks for w0/)
    const missing = changed((model) => {
      model.graph!.output.pop()
    })
    expectRefusal(missing, 'outputs are w0_next')
    const twice = changed((model) => {
      model.graph!.input[1] = model.graph!.input[0]!
    })
    expectRefusal(twice, 'inputs are x, x')
  })

  it('refuses shapes other than those of task.json, open dimensions and other types', () => {
    const tensorOf = (model: ModelProto) => {
      const value = model.graph!.input.find(({ name }) => name === 'w0')!.type!.value
      if (value.case !== 'tensorType') throw new Error('not a tensor')
      return value.value
    }
    const larger = changed((model) => {
      tensorOf(model).shape!.dim[0]!.value = { case: 'dimValue', value: 9n }
    })
    expectRefusal(larger, 'input w0 has shape [9,6], task.json says [8,6]')
    const open = changed((model) => {
      tensorOf(model).shape!.dim[0]!.value = { case: 'dimParam', value: 'batch' }
    })
    expectRefusal(
      open,
      'input w0 has shape [batch,6], task.json says [8,6]; export with fixed sizes instead of batch',
    )
    const nameless = changed((model) => {
      tensorOf(model).shape!.dim[1]!.value = { case: undefined }
    })
    expectRefusal(nameless, 'input w0 has shape [8,?]')
    const double = changed((model) => {
      tensorOf(model).elemType = DataType.DOUBLE
    })
    expectRefusal(double, 'input w0 is no float32 tensor')
  })

  it('refuses versions it was not tried with, too many nodes, and none', () => {
    expectRefusal(
      changed((model) => {
        model.opsetImport[0]!.version = 99n
      }),
      'operator set 99 is outside',
    )
    expectRefusal(
      changed((model) => {
        model.irVersion = 3n
      }),
      'IR version 3 is outside',
    )
    expectRefusal(
      changed((model) => {
        const { node } = model.graph!
        for (let i = 0; i < 4096; i++) node.push(create(NodeProtoSchema, { opType: 'Relu' }))
      }),
      /\d+ nodes, the limit is 4096/,
    )
    // Each output is a constant of its shape: nothing is left for a node to do.
    expectRefusal(
      changed(({ graph }) => {
        const constants = signature.outputs.map(({ name, shape }) => ({
          name,
          dataType: DataType.FLOAT,
          dims: shape.map(BigInt),
          floatData: new Array<number>(elementCount(shape)).fill(1),
        }))
        graph!.node = []
        graph!.initializer = constants.map((constant) => create(TensorProtoSchema, constant))
      }),
      'no nodes',
    )
    expectRefusal(
      changed((model) => {
        const { node } = model.graph!
        for (let i = 0; i < 600; i++)
          node.push(create(NodeProtoSchema, { opType: 'Sum', input: Array(64).fill('x'), output: [`o${i}`] }))
      }),
      /nodes have \d+ inputs and outputs together, the limit is 32768/,
    )
  })
})
