/** What PyTorch and scikit-learn make of the same samples. */
import { join } from 'node:path'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { ran } from './assay.ts'
import { CONTRIBUTORS, type ExampleRun } from './run-example.ts'
import type { WorkedExample } from './worked-examples.ts'

export type Reference = {
  /** The same model, trained in one place with as many steps as all contributors took. */
  pytorch: number
  /** A linear model. */
  sklearn: number
  versions: Record<string, string>
}

/** @param python of an environment with torch and scikit-learn @throws Error with what it said, if it fails */
export async function referenceOf(
  example: WorkedExample,
  { task, samples, model }: ExampleRun,
  { python, seed }: { python: string; seed: number },
): Promise<Reference> {
  const { spec } = task
  const asked = {
    ...samples,
    ...sizesOf(model),
    metric: example.metric,
    outputs: outputsOf(task),
    deviation: deviationOf(task),
    rate: spec.schedule.kind === 'constant' ? Number(spec.schedule.rate) : 0,
    batch: spec.batchSize,
    steps: CONTRIBUTORS * example.rounds * spec.steps,
    seed,
  }
  const program = join(import.meta.dirname, 'reference.py')
  const { stdout } = await ran(python, [program, JSON.stringify(asked)], 'the comparison in Python')
  return JSON.parse(stdout) as Reference
}

function sizesOf(text: string): { kind: string; sizes: readonly number[] } {
  const model = readModelText(text)
  if (model.kind === 'transformer') throw new Error(`the comparison in Python has no ${text}`)
  return { kind: model.kind, sizes: model.kind === 'mlp' ? model.hidden : model.maps }
}

function outputsOf({ spec: { target } }: TaskPackage): number {
  if (target.kind === 'tokens') throw new Error('the comparison in Python has no tokens')
  return target.kind === 'class' ? target.classes : target.count
}

/** What a scaled value is in its own units. */
function deviationOf({ preprocess }: TaskPackage): number {
  if (preprocess?.kind !== 'table' || preprocess.target.kind !== 'values') return 1
  return Number(preprocess.target.columns[0]?.deviation ?? 1)
}
