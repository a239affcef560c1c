/** What people read of their files and of the samples made of them. */

import type { ColumnProfile } from '@assay/engine/prepare/column-profile.ts'
import { counted } from '@assay/engine/prepare/counted.ts'
import type {
  ArrayDescription,
  Description,
  PicturesDescription,
  TableDescription,
  TextDescription,
} from '@assay/engine/prepare/describe.ts'
import type { SampleReport } from '@assay/engine/prepare/sample-report.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'

/** Values, folders or sizes that are named. */
const MOST_NAMED = 8
const LONGEST_NAME = 40
const DIGITS = 6

/** A description for people, in lines. */
export function descriptionText(description: Description): string {
  switch (description.kind) {
    case 'table':
      return tableText(description).join('\n')
    case 'pictures':
      return picturesText(description).join('\n')
    case 'text':
      return textText(description).join('\n')
    case 'arrays':
      return description.arrays.map(arrayText).join('\n')
  }
}

/** Values with how often each is there, the most frequent first. */
export function topOf(counts: Iterable<readonly [string, number]>): [string, number][] {
  return [...counts].map(([name, count]): [string, number] => [name, count]).sort((a, b) => b[1] - a[1])
}

/** The samples that were made, in lines. */
export function reportText({ samples, classes, strata, duplicates }: SampleReport): string {
  const named = (what: string, of: SampleReport['classes']) =>
    of === undefined ? [] : [`${what}: ${countsText(of.map(({ name, samples }) => [name, samples]))}`]
  const { inputs, wholes } = duplicates
  const repeated =
    inputs === 0
      ? 'no sample is there twice'
      : `${counted(inputs, 'sample')} ${inputs === 1 ? 'has' : 'have'} the inputs of an earlier one, ${wholes} of them its target, too`
  return [
    counted(samples, 'sample'),
    ...named('classes', classes),
    ...named('strata', strata),
    repeated,
  ].join('\n')
}

function tableText({ file, rows, columns, duplicates, notes }: TableDescription): string[] {
  const lines = columns.map((column) => [
    plainText(column.name, LONGEST_NAME),
    column.type,
    String(column.missing),
    columnText(column),
  ])
  const formulas = columns.filter((column) => column.formulas > 0)
  return [
    `${file}: ${counted(rows, 'row')}, ${counted(columns.length, 'column')}`,
    ...notes,
    ...aligned([['column', 'type', 'missing', 'values'], ...lines]),
    duplicates === 0 ? 'no row is there twice' : `${counted(duplicates, 'row')} equal to an earlier one`,
    ...formulas.map(
      ({ name, formulas }) =>
        `column "${plainText(name, LONGEST_NAME)}" has ${counted(formulas, 'text')} that spreadsheets compute; here they are texts`,
    ),
  ]
}

function columnText({
  type,
  present,
  least,
  greatest,
  mean,
  deviation,
  values,
  firstOther,
}: ColumnProfile): string {
  if (type === 'number')
    return `${rounded(least)} to ${rounded(greatest)}, mean ${rounded(mean)}, deviation ${rounded(deviation)}`
  if (type === 'mixed')
    return `numbers, but for others such as ${quoted(firstOther!.value)} in row ${firstOther!.row}`
  if (type === 'empty') return 'none'
  if (values === undefined) return `${counted(present, 'text')}, too many or too long to count`
  return type === 'text' ? `${counted(values.size, 'text')} that differ` : countsText(topOf(values))
}

function picturesText(of: PicturesDescription): string[] {
  const { pictures, folders, sizes, formats, turned, duplicates, others } = of
  return [
    `${counted(pictures, 'picture')}: ${countsText(topOf(formats))}`,
    `folders: ${countsText(topOf(folders).map(([name, count]) => [name === '' ? 'none' : name, count]))}`,
    `sizes: ${countsText(topOf(sizes))}`,
    duplicates === 0 ? 'no file is there twice' : `${counted(duplicates, 'file')} equal to an earlier one`,
    ...(turned === 0 ? [] : [`${counted(turned, 'picture')} turned upright, as the camera says`]),
    ...(others === 0 ? [] : [`${counted(others, 'file')} left out: no pictures`]),
  ]
}

function textText({ files, characters, others }: TextDescription): string[] {
  const shown = files.slice(0, MOST_NAMED)
  return [
    ...shown.map(
      (file) => `${file.path}: ${counted(file.characters, 'character')}, ${counted(file.lines, 'line')}`,
    ),
    ...(files.length > shown.length ? [`and ${counted(files.length - shown.length, 'more file')}`] : []),
    `${counted(characters.size, 'character')} that differ: ${plainText([...characters.keys()].sort().join(''), 200)}`,
    ...(others === 0 ? [] : [`${counted(others, 'file')} left out: no texts`]),
  ]
}

function arrayText({ name, dtype, shape, least, greatest, notFinite }: ArrayDescription): string {
  const range = least <= greatest ? `${rounded(least)} to ${rounded(greatest)}` : 'no elements'
  const bad = notFinite === 0 ? '' : `, ${counted(notFinite, 'element')} not finite`
  return `${plainText(name, LONGEST_NAME)}: ${dtype} [${shape.join(', ')}], ${range}${bad}`
}

function countsText(counts: readonly [string, number][]): string {
  const shown = counts
    .slice(0, MOST_NAMED)
    .map(([name, count]) => `${plainText(name, LONGEST_NAME)} ${count}`)
  return `${shown.join(', ')}${counts.length > MOST_NAMED ? ` and ${counts.length - MOST_NAMED} more` : ''}`
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(DIGITS)))
}

function quoted(text: string): string {
  return JSON.stringify(plainText(text, LONGEST_NAME))
}
