import type { Preprocess } from '../package/preprocess.ts'
import { demand, EngineRefusal } from '../refusal.ts'
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

/** What is asked of each kind of files. */
const ASKED_OF: Record<Preprocess['kind'], readonly (keyof LearnOptions)[]> = {
  table: ['targets', 'without'],
  pictures: ['size'],
  text: ['length', 'stride'],
  arrays: ['targets', 'tokens'],
}
const WORDS: Record<keyof LearnOptions, string> = {
  targets: 'target',
  without: 'without',
  tokens: 'tokens',
  size: 'size',
  length: 'length',
  stride: 'stride',
}
const KIND_WORDS = { table: 'tables', pictures: 'pictures', text: 'texts', arrays: 'arrays' }
/** Where targets come from that nobody names. */
const OWN_TARGETS: Partial<Record<Preprocess['kind'], string>> = {
  pictures: "pictures' folders are their classes",
  text: 'of a text the next character is predicted',
}

/**
 * Works out a preprocess.json from files: the same files give the same one on every machine.
 *
 * @param files one, or all of a folder in the order of their paths
 * @throws EngineRefusal `data` with the file, and what would make it work; also for options that say nothing of such files
 */
export async function learnPreprocess(
  files: readonly RawFile[],
  options: LearnOptions = {},
): Promise<Learned> {
  const { targets = [], without = [], tokens = [], size, length, stride } = options
  const kind = kindOf(files)
  requireAsked(kind, options)
  switch (kind) {
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

/** An option that is left out of account would leave somebody in a wrong belief. */
function requireAsked(kind: Preprocess['kind'], options: LearnOptions): void {
  const names = Object.keys(WORDS) as (keyof LearnOptions)[]
  const given = names.filter((name) => {
    const value = options[name]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  })
  const spare = given.find((name) => !ASKED_OF[kind].includes(name))
  if (spare === undefined) return
  const kinds = Object.entries(KIND_WORDS).filter(([of]) =>
    ASKED_OF[of as Preprocess['kind']].includes(spare),
  )
  const why = spare === 'targets' ? `${OWN_TARGETS[kind]}; ` : ''
  throw new EngineRefusal(
    'data',
    `"${WORDS[spare]}" is for ${kinds.map(([, word]) => word).join(' and ')}, and these files are ${KIND_WORDS[kind]}: ${why}leave it away`,
  )
}
