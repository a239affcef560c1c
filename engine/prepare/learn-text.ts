/** Works out a preprocess.json for texts: the vocabulary and the length of samples. */
import { checkPreprocess, PREPROCESS_FORMAT, type TextPreprocess } from '../package/preprocess.ts'
import { counted } from './counted.ts'
import type { Learned } from './learned.ts'
import type { RawFile } from './raw-file.ts'
import { charactersOf, isText } from './text-samples.ts'

/** Of more different characters than this, bytes are the tokens. */
const MOST_CHARACTERS = 1000
/** Rarer characters are read as one other one. */
const LEAST_COUNT = 2
const USUAL_LENGTH = 64
const PARTS = 8

export type TextSizes = {
  /** Tokens of a sample; 64 by default. */
  length?: number
  /** Tokens from one sample's start to the next one's; the length by default. */
  stride?: number
}

/**
 * Works out how texts become samples: each character that is there at least twice is a token.
 *
 * @throws EngineRefusal `data` for files that are no text
 */
export async function learnText(
  files: readonly RawFile[],
  { length = USUAL_LENGTH, stride = length }: TextSizes = {},
): Promise<Learned> {
  const texts = files.filter(isText)
  const counts = new Map<string, number>()
  for (const file of texts)
    for (const character of await charactersOf(file)) counts.set(character, (counts.get(character) ?? 0) + 1)
  const frequent = [...counts.keys()].filter((one) => counts.get(one)! >= LEAST_COUNT)
  const isSmall = frequent.length > 0 && frequent.length <= MOST_CHARACTERS
  const rare = counts.size - frequent.length
  const notes = isSmall
    ? rare > 0
      ? [`${counted(rare, 'character')} there once: read as one other character`]
      : []
    : [`${counts.size} characters differ: bytes are the tokens`]
  const recipe = checkPreprocess({
    format: PREPROCESS_FORMAT,
    kind: 'text',
    input: 'x',
    vocabulary: isSmall ? { of: 'characters', characters: inOrder(frequent), other: true } : { of: 'bytes' },
    length,
    stride,
    strata: strataOf(texts),
  })
  return { recipe, notes }
}

function inOrder(characters: readonly string[]): string {
  return [...characters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!).join('')
}

/** Folders if there are several, else files, else parts of the one text. */
function strataOf(texts: readonly RawFile[]): TextPreprocess['strata'] {
  const folders = new Set(texts.map(({ path }) => (path.includes('/') ? path.split('/')[0]! : '')))
  const names =
    folders.size > 1 && !folders.has('') ? folders : new Set(texts.map(({ path }) => path.split('/').at(-1)!))
  const isEach = names === folders || names.size === texts.length
  if (names.size < 2 || names.size > MOST_CHARACTERS || !isEach) return { by: 'parts', parts: PARTS }
  return { by: 'file', files: [...names].sort().map((name) => [name]) }
}
