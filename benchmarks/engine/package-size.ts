import { buildTask } from '@assay/engine/author/build-task.ts'
import { createTask } from '@assay/engine/node/task-package.ts'
import { elementCount } from '@assay/engine/package/safetensors.ts'
import type { MeasuredModel } from './models.ts'

const POOL_SAMPLES = 2
const TERMS = { steps: 20, commitEvery: 5, unitsPerStep: 1, personalSamples: 2, rootSteps: 10 }

/** Values of a model's state, and bytes of a package that trains it. */
export async function packageSize({
  model,
  options,
}: MeasuredModel): Promise<{ values: number; bytes: number }> {
  const { inputs, target, seed } = options
  const targetValues = target.kind === 'tokens' ? target.length : 1
  const samples = {
    inputs: Object.fromEntries(
      inputs.map(({ name, dtype, shape }) => {
        const values = POOL_SAMPLES * elementCount(shape)
        return [name, dtype === 'float32' ? new Float32Array(values) : new Int32Array(values)]
      }),
    ),
    y: new Int32Array(POOL_SAMPLES * targetValues),
    strata: Int32Array.of(0, 1),
    n: POOL_SAMPLES,
  }
  const contents = buildTask({
    ...options,
    ...TERMS,
    name: model,
    schedule: { kind: 'constant', rate: '0.01' },
    strata: { by: 'column', names: ['first', 'second'] },
    pool: { samples, saltSeed: seed },
  })
  const { taskJson, files } = await createTask(contents)
  return {
    values: [...contents.init.values()].reduce((sum, { length }) => sum + length, 0),
    bytes: [taskJson, ...files.values()].reduce((sum, { length }) => sum + length, 0),
  }
}
