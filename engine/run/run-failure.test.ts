import { expect } from 'chai'
import { EngineRefusal, isDeterministic } from '../refusal.ts'
import { runRefusal } from './run-failure.ts'

const STATUS = 'failed to call OrtRun(). ERROR_CODE: 2, ERROR_MESSAGE:'

describe('a failed call of the runtime', () => {
  const cases: [string, unknown, boolean][] = [
    [
      'a status about the inputs',
      new Error(`${STATUS} indices element out of data bounds, idx=1000000`),
      true,
    ],
    ['a status about a size', new Error(`${STATUS} Tensor shape is too large`), true],
    ['a refusal of our own', new EngineRefusal('graph', 'output losses is not 16 float32 values'), true],
    ['values that are not finite', new EngineRefusal('state', 'w0[3] is NaN'), true],
    ['a status about memory', new Error('ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc'), false],
    [
      'memory that the runtime asks for',
      new Error(`${STATUS} Failed to allocate memory for requested`),
      false,
    ],
    ['a C++ pointer', 5_308_416, false],
    ['a trap', new WebAssembly.RuntimeError('memory access out of bounds'), false],
    ['a heap that is full', new RangeError('Array buffer allocation failed'), false],
    ['another engine', new EngineRefusal('engine', 'task is pinned to onnxruntime-web 1.0.0'), false],
    ['an older package', new EngineRefusal('format', 'task.json has the format assay-task-2'), false],
  ]
  for (const [what, error, verdict] of cases)
    it(`${verdict ? 'is the same everywhere' : 'may be this machine alone'}: ${what}`, () => {
      const refusal = runRefusal('step.onnx failed', error)
      expect(isDeterministic(refusal)).to.equal(verdict)
      if (error instanceof Error) expect(refusal.message).to.contain(error.message)
    })

  it('of another kind than a refusal is never deterministic', () => {
    expect(isDeterministic(new Error('nobody thought of this'))).to.equal(false)
  })
})
