/** What PyTorch and scikit-learn make of the same samples. */
import { join } from 'node:path'
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { readOptimizerText } from '@assay/engine/author/optimizers/optimizer-text.ts'
import type { TaskPackage } from '@assay/engine/package/task-contents.ts'
import { ran } from './assay.ts'
import { CONTRIBUTORS, type ExampleRun } from './run-example.ts'
import type { WorkedExample } from './worked-examples.ts'

export type Reference = {
  /** The same model, trained in one place with as many steps as all contributors took. */
  pytorch: number
  /** The same after as many steps as one contributor took. */
  ofOne: number
  /** A linear model; none of texts. */
  sklearn: number | null
  versions: Record<string, string>
}

/** @param python of an environment with torch and scikit-learn @throws Error with what it said, if it fails */
export async function referenceOf(
  example: WorkedExample,
  { task, samples, model, optimizer }: ExampleRun,
  { python, seed }: { python: string; seed: number },
): Promise<Reference> {
  const { spec } = task
  const asked = {
    ...samples,
    ...sizesOf(model),
    optimizer: readOptimizerText(optimizer),
    metric: example.metric,
    outputs: outputsOf(task),
    deviation: deviationOf(task),
    rate: spec.schedule.kind === 'constant' ? Number(spec.schedule.rate) : 0,
    batch: spec.batchSize,
    contributors: CONTRIBUTORS,
    steps: example.rounds * spec.steps,
    seed,
  }
  const program = join(import.meta.dirname, 'reference.py')
  const { stdout } = await ran(python, [program, JSON.stringify(asked)], 'the comparison in Python')
  return JSON.parse(stdout) as Reference
}

function sizesOf(text: string): { kind: string; sizes: readonly number[] } {
  const model = readModelText(text)
  switch (model.kind) {
    case 'mlp':
      return { kind: 'mlp', sizes: model.hidden }
    case 'cnn':
      return { kind: 'cnn', sizes: model.maps }
    case 'transformer':
      return { kind: 'transformer', sizes: [model.layers, model.width, model.heads] }
  }
}

function outputsOf({ spec: { target } }: TaskPackage): number {
  if (target.kind === 'class') return target.classes
  return target.kind === 'tokens' ? target.vocabulary : target.count
}

/** What a scaled value is in its own units. */
function deviationOf({ preprocess }: TaskPackage): number {
  if (preprocess?.kind !== 'table' || preprocess.target.kind !== 'values') return 1
  return Number(preprocess.target.columns[0]?.deviation ?? 1)
}
