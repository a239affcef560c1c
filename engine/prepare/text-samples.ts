/** Samples of text, by a preprocess.json of the kind `text`: windows of tokens, and the token after each. */
import type { TextPreprocess } from '../package/preprocess.ts'
import type { Tensor } from '../package/safetensors.ts'
import { demand, EngineRefusal } from '../refusal.ts'
import { counted } from './counted.ts'
import { endingOf, type RawFile } from './raw-file.ts'
import { demandRoom, type SampleOptions, type Samples } from './samples.ts'
import { utf8Bytes } from './text-bytes.ts'

/** Largest file of text, in bytes. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024
/** Most bytes of all texts together. */
const MAX_TEXTS_BYTES = 256 * 1024 * 1024
const ENDINGS = ['.txt', '.text', '.md']

/** A file's tokens, and how many samples they make. */
type Tokens = { path: string; tokens: Int32Array; count: number }

/** Whether a file's name says that it holds text. */
export function isText({ path }: RawFile): boolean {
  return ENDINGS.includes(endingOf(path))
}

/**
 * Makes samples of each text, in the order of the files; none goes from one file into the next. Files that are no texts are
 * left out.
 *
 * @throws EngineRefusal `data` that names the file, the line, the character and what was expected
 */
export async function textSamples(
  recipe: TextPreprocess,
  files: readonly RawFile[],
  { isLabelled = true, hasStrata = true }: SampleOptions = {},
): Promise<Samples> {
  const needed = recipe.length + (isLabelled ? 1 : 0)
  const textFiles = files.filter(isText)
  demandBytes(textFiles)
  const texts: Tokens[] = []
  for (const file of textFiles) texts.push(await tokensOf(recipe, file, needed))
  const n = texts.reduce((sum, { count }) => sum + count, 0)
  demand(
    n > 0,
    'data',
    () =>
      `${counted(texts.length, 'text')} of at most ${texts.reduce((most, { tokens }) => Math.max(most, tokens.length), 0)} tokens: a sample takes ${needed}`,
  )
  demandRoom(counted(n, 'sample'), n, 2 * recipe.length)
  const shape = [n, recipe.length]
  const tensors = new Map<string, Tensor>([
    [recipe.input, { dtype: 'I32', shape, data: windows(recipe, texts, n, 0) }],
  ])
  if (isLabelled) {
    tensors.set('y', { dtype: 'I32', shape, data: windows(recipe, texts, n, 1) })
    if (hasStrata && recipe.strata !== undefined)
      tensors.set('stratum', { dtype: 'I32', shape: [n], data: strataOf(recipe, texts, n) })
  }
  return { n, tensors, placeOf: placesIn(recipe, texts) }
}

/** Tokens of all texts are in memory at once. */
function demandBytes(files: readonly RawFile[]): void {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  demand(
    bytes <= MAX_TEXTS_BYTES,
    'data',
    () => `${counted(files.length, 'text')} have ${bytes} bytes, the limit is ${MAX_TEXTS_BYTES}: give fewer`,
  )
}

/** A text in characters, with each of its line ends a line feed. */
export async function charactersOf(file: RawFile): Promise<string> {
  return new TextDecoder().decode(await textBytes(file)).replaceAll(/\r\n?/g, '\n')
}

async function textBytes(file: RawFile): Promise<Uint8Array> {
  demand(
    file.sizeBytes <= MAX_TEXT_BYTES,
    'data',
    () =>
      `${file.path} has ${file.sizeBytes} bytes, the limit of a text is ${MAX_TEXT_BYTES}: give it in parts`,
  )
  return utf8Bytes(file.path, await file.read())
}

/** @param needed tokens of a sample, with the one that follows it where that is its target */
async function tokensOf(recipe: TextPreprocess, file: RawFile, needed: number): Promise<Tokens> {
  const { vocabulary, stride } = recipe
  const tokens =
    vocabulary.of === 'bytes'
      ? Int32Array.from(await textBytes(file))
      : characterTokens(file.path, await charactersOf(file), vocabulary)
  const count = tokens.length >= needed ? Math.floor((tokens.length - needed) / stride) + 1 : 0
  return { path: file.path, tokens, count }
}

function characterTokens(
  path: string,
  text: string,
  { characters, other }: { characters: string; other: boolean },
): Int32Array {
  const places = new Map([...characters].map((one, i) => [one, i]))
  const tokens = new Int32Array(text.length)
  let n = 0
  for (const character of text) {
    const token = places.get(character) ?? (other ? places.size : undefined)
    if (token === undefined) throw unknownCharacter(path, text, character, places.size)
    tokens[n++] = token
  }
  return tokens.subarray(0, n)
}

function unknownCharacter(path: string, text: string, character: string, size: number): EngineRefusal {
  const before = text.slice(0, text.indexOf(character)).split('\n')
  const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  return new EngineRefusal(
    'data',
    `${path}, line ${before.length}, column ${[...before.at(-1)!].length + 1}: the character "${character}" (U+${code}) is none of the vocabulary's ${size}`,
  )
}

function windows(
  { length, stride }: TextPreprocess,
  texts: readonly Tokens[],
  n: number,
  shift: 0 | 1,
): Int32Array {
  const out = new Int32Array(n * length)
  let at = 0
  for (const { tokens, count } of texts)
    for (let i = 0; i < count; i++, at += length) {
      const begin = i * stride + shift
      out.set(tokens.subarray(begin, begin + length), at)
    }
  return out
}

function strataOf({ strata }: TextPreprocess, texts: readonly Tokens[], n: number): Int32Array {
  if (strata?.by !== 'file')
    return Int32Array.from({ length: n }, (_, i) => Math.floor((i * (strata?.parts ?? 1)) / n))
  const out = new Int32Array(n)
  let at = 0
  for (const { path, count } of texts) {
    const names = path.split('/')
    const stratum = strata.files.findIndex((spellings) => names.some((name) => spellings.includes(name)))
    demand(
      stratum >= 0,
      'data',
      () =>
        `${path}: neither it nor a folder that it is in is one of ${strata.files.flat().slice(0, 20).join(', ')}`,
    )
    out.fill(stratum, at, at + count)
    at += count
  }
  return out
}

function placesIn({ stride }: TextPreprocess, texts: readonly Tokens[]): (sample: number) => string {
  return (sample) => {
    let before = 0
    for (const { path, count } of texts) {
      if (sample < before + count) return `${path}, token ${(sample - before) * stride + 1}`
      before += count
    }
    throw new RangeError(`sample ${sample} of ${before}`)
  }
}
