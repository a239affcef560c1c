/** What somebody's files hold, before any task has a say in it. */
import { demand } from '../refusal.ts'
import { type ColumnProfile, profileColumns } from './column-profile.ts'
import { Duplicates } from './duplicates.ts'
import { arrayFiles, onlyTable } from './make-samples.ts'
import { isArrays, openArrays } from './open-arrays.ts'
import { isPicture, pictureBytes, pictureHeader } from './open-picture.ts'
import { isTable, openTable } from './open-table.ts'
import type { RawArray } from './raw-array.ts'
import type { RawFile } from './raw-file.ts'
import type { Table } from './table.ts'
import { charactersOf, isText } from './text-samples.ts'

export type TableDescription = {
  kind: 'table'
  file: string
  rows: number
  columns: ColumnProfile[]
  /** Rows that are equal to an earlier one. */
  duplicates: number
  notes: readonly string[]
}
export type PicturesDescription = {
  kind: 'pictures'
  pictures: number
  /** Pictures in each folder, by its name; those in none are under the empty one. */
  folders: Map<string, number>
  /** Pictures of each size, such as `28 × 28`. */
  sizes: Map<string, number>
  formats: Map<string, number>
  /** Pictures that their camera wants turned. */
  turned: number
  /** Files that are equal to an earlier one. */
  duplicates: number
  /** Files that are no pictures. */
  others: number
}
export type TextDescription = {
  kind: 'text'
  files: { path: string; characters: number; lines: number }[]
  /** How often each character is there. */
  characters: Map<string, number>
  /** Files that are no texts. */
  others: number
}
export type ArraysDescription = { kind: 'arrays'; arrays: ArrayDescription[] }
export type ArrayDescription = Omit<RawArray, 'values'> & {
  /** Of the elements that are finite. */
  least: number
  greatest: number
  /** NaN and infinities. */
  notFinite: number
}

export type Description = TableDescription | PicturesDescription | TextDescription | ArraysDescription

const KINDS = { table: isTable, pictures: isPicture, text: isText, arrays: isArrays }

/**
 * What files hold, by their endings. A text beside anything else tells about it.
 *
 * @throws EngineRefusal `data` for files of no kind that is known, or of several kinds
 */
export function kindOf(files: readonly RawFile[]): Description['kind'] {
  const found = (Object.keys(KINDS) as (keyof typeof KINDS)[]).filter((kind) => files.some(KINDS[kind]))
  const [kind, second] = found.length > 1 ? found.filter((one) => one !== 'text') : found
  demand(
    kind !== undefined,
    'data',
    () =>
      `${files[0]?.path} is of no kind that is known: expected .csv, .tsv, .jsonl, .png, .jpg, .txt, .md, .npy, .npz or .safetensors`,
  )
  demand(
    second === undefined,
    'data',
    () => `the folder holds ${kind} and ${second}: put them into folders of their own`,
  )
  return kind
}

/**
 * Looks through files.
 *
 * @param files one, or all of a folder
 * @throws EngineRefusal `data` like {@link kindOf}, and for broken files
 */
export async function describeFiles(files: readonly RawFile[]): Promise<Description> {
  switch (kindOf(files)) {
    case 'table':
      return describeTable(await openTable(onlyTable(files)))
    case 'pictures':
      return describePictures(files)
    case 'text':
      return describeText(files)
    case 'arrays':
      return {
        kind: 'arrays',
        arrays: [...(await openArrays(arrayFiles(files))).values()].map(describeArray),
      }
  }
}

function describeTable(table: Table): TableDescription {
  const { rows, columns } = profileColumns(table)
  const seen = new Duplicates(table.maxRows)
  const encoder = new TextEncoder()
  table.eachRow(({ cells }) => {
    seen.add(encoder.encode(JSON.stringify(cells)))
  })
  return { kind: 'table', file: table.file, rows, columns, duplicates: seen.count(), notes: table.notes }
}

async function describePictures(files: readonly RawFile[]): Promise<PicturesDescription> {
  const pictures = files.filter(isPicture)
  const [folders, sizes, formats] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ]
  const seen = new Duplicates(pictures.length)
  let turned = 0
  for (const file of pictures) {
    const bytes = await pictureBytes(file)
    const header = await pictureHeader({ ...file, read: async () => bytes })
    countIn(folders, file.path.includes('/') ? file.path.split('/')[0]! : '')
    countIn(sizes, `${header.width} × ${header.height}`)
    countIn(formats, header.kind)
    if (header.orientation !== 1) turned++
    seen.add(bytes)
  }
  const others = files.length - pictures.length
  return {
    kind: 'pictures',
    pictures: pictures.length,
    folders,
    sizes,
    formats,
    turned,
    duplicates: seen.count(),
    others,
  }
}

async function describeText(files: readonly RawFile[]): Promise<TextDescription> {
  const texts = files.filter(isText)
  const counts = new Map<string, number>()
  const described: TextDescription['files'] = []
  for (const file of texts) {
    const text = await charactersOf(file)
    let characters = 0
    for (const character of text) {
      countIn(counts, character)
      characters++
    }
    described.push({
      path: file.path,
      characters,
      lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    })
  }
  return { kind: 'text', files: described, characters: counts, others: files.length - texts.length }
}

function describeArray({ values, ...array }: RawArray): ArrayDescription {
  let [least, greatest, notFinite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) {
      notFinite++
      continue
    }
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return { ...array, least, greatest, notFinite }
}

function countIn(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
