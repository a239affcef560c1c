import { create, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { ModelProtoSchema } from 'onnx-buf'
import { env, InferenceSession } from 'onnxruntime-web/wasm'
import { ALLOWED_OPERATORS, FIRST_OPSETS } from '../package/operators.ts'
import { installedWasm } from './engine-pin.ts'

/** The operator sets that a graph may import. */
const OPSETS = Array.from({ length: 10 }, (_, i) => BigInt(13 + i))

/** Whether the runtime has an operator at an operator set: a node without inputs is refused for another reason then. */
async function knows(opType: string, version: bigint): Promise<boolean> {
  const node = [{ opType, name: 'n', output: ['o'] }]
  const opsetImport = [{ domain: '', version }]
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph: { name: 'g', node } })
  const options = { executionProviders: ['wasm'], logSeverityLevel: 4 } as const
  return InferenceSession.create(toBinary(ModelProtoSchema, model), options).then(
    () => true,
    (error) => !String(error).includes('No Op registered'),
  )
}

describe('allowed operators', () => {
  it('are those that the runtime has, from the operator set on that their table says', async () => {
    env.wasm.numThreads = 1
    env.wasm.wasmBinary = (await installedWasm()).slice().buffer
    for (const opType of ALLOWED_OPERATORS) {
      const first = FIRST_OPSETS.get(opType) ?? OPSETS[0]!
      const known: bigint[] = []
      for (const version of OPSETS) if (await knows(opType, version)) known.push(version)
      expect(known, opType).to.deep.equal(OPSETS.filter((version) => version >= first))
    }
    expect(ALLOWED_OPERATORS).to.include.keys([...FIRST_OPSETS.keys()])
  })
})
