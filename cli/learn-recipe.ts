import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { preprocessBytes } from '@assay/engine/package/preprocess.ts'
import { type SampleForm, sampleForm } from '@assay/engine/package/preprocess-form.ts'
import { type LearnOptions, learnPreprocess } from '@assay/engine/prepare/learn.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Answer } from './answer.ts'
import { CliError } from './failure.ts'
import { writeNewFile } from './new-file.ts'

export type LearnFileOptions = LearnOptions & { from: string; out: string; force?: boolean }

/**
 * Works out a preprocess.json from files and writes it.
 *
 * @throws CliError when nothing can be learned of them, or the file is there already
 */
export async function learnRecipe({ from, out, force, ...options }: LearnFileOptions): Promise<Answer> {
  const { recipe, notes } = await learned(from, options)
  await writeNewFile(out, preprocessBytes(recipe), force)
  const form = sampleForm(recipe)
  return {
    data: { out, kind: recipe.kind, ...form, notes },
    text: [`${out}: ${formText(form)}`, ...notes].join('\n'),
  }
}

async function learned(from: string, options: LearnOptions) {
  try {
    return await learnPreprocess((await rawFilesAt(from)).files, options)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError(
      'usage',
      `Nothing can be learned of ${from}: ${error.message}.`,
      'See what it holds: assay data describe --from <file|folder>',
    )
  }
}

function formText({ inputs, target, strata }: SampleForm): string {
  const shapes = inputs.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(', ')}]`)
  return `inputs ${shapes.join(', ')}; target ${targetText(target)}; strata: ${strata?.join(', ') ?? 'the classes'}`
}

function targetText(target: SampleForm['target']): string {
  switch (target.kind) {
    case 'class':
      return `one of ${target.classes} classes`
    case 'values':
      return `numbers, ${target.count}`
    case 'labels':
      return `yes or no, ${target.count} times`
    case 'tokens':
      return `the next of ${target.vocabulary} tokens`
  }
}
