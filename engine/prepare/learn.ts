import { demand } from '../refusal.ts'
import { kindOf } from './describe.ts'
import { learnArrays } from './learn-arrays.ts'
import { learnPictures } from './learn-pictures.ts'
import { learnTable } from './learn-table.ts'
import { learnText } from './learn-text.ts'
import type { Learned } from './learned.ts'
import { arrayFiles, onlyTable } from './make-samples.ts'
import { openArrays } from './open-arrays.ts'
import { openTable } from './open-table.ts'
import type { RawFile } from './raw-file.ts'

export type LearnOptions = {
  /** Columns of a table, or the one array, that are to be predicted. Pictures and texts need none. */
  targets?: readonly string[]
  /** Columns of a table that are left out. */
  without?: readonly string[]
  /** Arrays of whole numbers that stand for something, such as words. */
  tokens?: readonly string[]
  /** Of pictures. */
  size?: { width: number; height: number }
  /** Tokens of a sample of text, and from one's start to the next one's. */
  length?: number
  stride?: number
}

/**
 * Works out a preprocess.json from files: the same files give the same one on every machine.
 *
 * @param files one, or all of a folder in the order of their paths
 * @throws EngineRefusal `data` with the file, and what would make it work
 */
export async function learnPreprocess(
  files: readonly RawFile[],
  options: LearnOptions = {},
): Promise<Learned> {
  const { targets = [], without = [], tokens = [], size, length, stride } = options
  switch (kindOf(files)) {
    case 'table':
      return learnTable(await openTable(onlyTable(files)), { targets, without })
    case 'pictures':
      return learnPictures(files, size)
    case 'text':
      return learnText(files, {
        ...(length !== undefined && { length }),
        ...(stride !== undefined && { stride }),
      })
    case 'arrays': {
      demand(
        targets.length === 1,
        'data',
        () => `name the one array that is to be predicted, not ${targets.length}`,
      )
      return learnArrays(await openArrays(arrayFiles(files)), { target: targets[0]!, tokens })
    }
  }
}
