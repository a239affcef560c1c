import type { Preprocess } from '../package/preprocess.ts'
import { demand } from '../refusal.ts'
import { arraySamples } from './array-samples.ts'
import { isArrays, openArrays } from './open-arrays.ts'
import { isTable, openTable } from './open-table.ts'
import { pictureSamples } from './picture-samples.ts'
import type { RawFile } from './raw-file.ts'
import type { SampleOptions, Samples } from './samples.ts'
import { tableSamples } from './table-samples.ts'
import { textSamples } from './text-samples.ts'

/**
 * Makes samples of somebody's files, as a task's preprocess.json says.
 *
 * @param files one, or all of a folder in the order of their paths
 * @throws EngineRefusal `data` that names the file, the place in it, the value and what was expected
 */
export async function makeSamples(
  recipe: Preprocess,
  files: readonly RawFile[],
  options: SampleOptions = {},
): Promise<Samples> {
  switch (recipe.kind) {
    case 'table':
      return tableSamples(recipe, await openTable(onlyTable(files)), options)
    case 'pictures':
      return pictureSamples(recipe, files, options)
    case 'text':
      return textSamples(recipe, files, options)
    case 'arrays':
      return arraySamples(recipe, await openArrays(arrayFiles(files)), options)
  }
}

/** The table among files. @throws EngineRefusal `data` when there are several, or none */
export function onlyTable(files: readonly RawFile[]): RawFile {
  const [only] = files
  if (only !== undefined && files.length === 1) return only
  const tables = files.filter(isTable)
  demand(
    tables.length === 1,
    'data',
    () =>
      `there are ${tables.length} tables (${tables
        .slice(0, 5)
        .map(({ path }) => path)
        .join(', ')}), expected one: name its file`,
  )
  return tables[0]!
}

/** Files that hold arrays; a single one whatever it is. */
export function arrayFiles(files: readonly RawFile[]): readonly RawFile[] {
  return files.length === 1 ? files : files.filter(isArrays)
}
