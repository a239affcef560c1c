import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import type { ColumnProfile } from '@assay/engine/prepare/column-profile.ts'
import { counted } from '@assay/engine/prepare/counted.ts'
import { type Description, describeFiles } from '@assay/engine/prepare/describe.ts'
import { targetKind } from '@assay/engine/prepare/learn-table.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import type { Answer } from './answer.ts'
import { descriptionText, topOf } from './data-text.ts'
import { CliError } from './failure.ts'

/** Values of a column that the JSON names. */
const MOST_VALUES = 100

/**
 * Says what files hold.
 *
 * @param target a table's column or an array that is to be predicted
 * @throws CliError when they can't be read, or have no such target
 */
export async function describeData(from: string, target?: string): Promise<Answer> {
  const description = await lookAt(from)
  const told = target === undefined ? undefined : targetIn(description, target, from)
  return {
    data: { ...described(description), ...(told !== undefined && { target: told.data }) },
    text: [descriptionText(description), ...(told === undefined ? [] : [told.text])].join('\n'),
  }
}

async function lookAt(from: string): Promise<Description> {
  try {
    return await describeFiles((await rawFilesAt(from)).files)
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('usage', `${error.message}.`, 'Check --from.')
  }
}

function targetIn(description: Description, target: string, from: string): Answer {
  if (description.kind === 'table') {
    const column = description.columns.find(({ name }) => name === target)
    if (column !== undefined) return columnTarget(column)
    throw noTarget(
      target,
      from,
      description.columns.map(({ name }) => name),
    )
  }
  if (description.kind !== 'arrays')
    throw new CliError(
      'usage',
      `--target "${target}": ${from} holds ${description.kind}, which have no columns.`,
      'Leave --target away: folders are the classes of pictures, the next character is the target of text.',
    )
  const array = description.arrays.find(({ name }) => name === target)
  if (array === undefined)
    throw noTarget(
      target,
      from,
      description.arrays.map(({ name }) => name),
    )
  return { data: { name: target }, text: `target ${target}` }
}

function noTarget(target: string, from: string, names: string[]): CliError {
  return new CliError(
    'usage',
    `${from} has no "${target}".`,
    `Give --target one of ${names.slice(0, 20).join(', ')}.`,
  )
}

function columnTarget(column: ColumnProfile): Answer {
  const { name, type, missing, values } = column
  const kind = targetKind(column)
  const lacking = missing === 0 ? '' : `; ${counted(missing, 'row')} without it can't be used`
  if (kind === 'values') return { data: { name, kind }, text: `target ${name}: a number${lacking}` }
  if (kind === undefined || values === undefined)
    throw new CliError(
      'usage',
      `--target "${name}" holds ${type === 'empty' ? 'nothing' : 'texts that are hardly ever the same'}: nothing can be learned of it.`,
      'Give a column of numbers, or of a few values.',
    )
  const classes = topOf(values)
  const counts = classes.map(([value, count]) => `${value} ${count}`)
  return {
    data: { name, kind, classes: Object.fromEntries(classes) },
    text: `target ${name}: ${classes.length} classes (${counts.slice(0, 20).join(', ')})${lacking}`,
  }
}

/** Counts as lists, which JSON has. */
function described(description: Description): object {
  if (description.kind === 'table') {
    const columns = description.columns.map(({ values, ...column }) => ({
      ...column,
      different: values?.size ?? null,
      values: values === undefined ? null : countsOf(values).slice(0, MOST_VALUES),
    }))
    return { ...description, columns }
  }
  if (description.kind === 'pictures') {
    const { folders, sizes, formats } = description
    return { ...description, folders: countsOf(folders), sizes: countsOf(sizes), formats: countsOf(formats) }
  }
  return description.kind === 'text'
    ? { ...description, characters: countsOf(description.characters) }
    : description
}

function countsOf(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  return topOf(counts).map(([value, count]) => ({ value, count }))
}
