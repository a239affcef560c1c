/** Samples of a task straight from files of people's own, without a data file in between. */
import { stat } from 'node:fs/promises'
import { type Dataset, shownDataset } from '../package/data.ts'
import type { TaskPackage } from '../package/task-contents.ts'
import { makeSamples } from '../prepare/make-samples.ts'
import { endingOf } from '../prepare/raw-file.ts'
import { demand } from '../refusal.ts'
import { rawFilesAt } from './raw-files.ts'

/** Endings of single files that are no data files. */
const RAW_ENDINGS = [
  '.csv',
  '.tsv',
  '.tab',
  '.jsonl',
  '.ndjson',
  '.json',
  '.txt',
  '.text',
  '.md',
  '.npy',
  '.npz',
]

/** Whether there are files of people's own at a path: a folder, or a file with an ending of theirs. A data file is none. */
export async function isRaw(path: string): Promise<boolean> {
  if (RAW_ENDINGS.includes(endingOf(path))) return true
  const status = await stat(path).catch(() => undefined)
  return status?.isDirectory() ?? false
}

/**
 * Makes samples of the files at a path, as the task's package says.
 *
 * @throws EngineRefusal `data` when they don't fit, or the package doesn't say how files become samples
 */
export async function rawSamples(
  path: string,
  { spec, preprocess }: Pick<TaskPackage, 'spec' | 'preprocess'>,
): Promise<Dataset> {
  demand(
    preprocess !== undefined,
    'data',
    () => `the task's package has no preprocess.json that says how ${path} becomes samples: give a data file`,
  )
  // Contributors' strata count for nothing, and their files may be of none.
  const { tensors } = await makeSamples(preprocess, (await rawFilesAt(path)).files, { hasStrata: false })
  return shownDataset(tensors, spec)
}
