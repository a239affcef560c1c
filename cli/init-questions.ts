/** What `assay task init` asks on a terminal: whatever it needs and no option says. */
import { readModelText } from '@assay/engine/author/models/model-text.ts'
import { rawFilesAt } from '@assay/engine/node/raw-files.ts'
import { type Description, describeFiles, kindOf } from '@assay/engine/prepare/describe.ts'
import type { RawFile } from '@assay/engine/prepare/raw-file.ts'
import { EngineRefusal } from '@assay/engine/refusal.ts'
import { plainLines } from '@assay/sdk/client/plain-text.ts'
import { descriptionText } from './data-text.ts'
import { CliError } from './failure.ts'
import { defaultModel, type InitOptions } from './init-plan.ts'
import { requireEmpty } from './new-folder.ts'
import { type Questions, type Streams, withQuestions } from './questions.ts'

/** Options as they are given: some may be missing. */
export type GivenOptions = Omit<InitOptions, 'from' | 'out'> & Partial<Pick<InitOptions, 'from' | 'out'>>

/** What can be predicted: names of columns or arrays; none of files that have targets by themselves. */
type Found = { description: Description; names: string[] }

/**
 * Completes the options of a task. Where files, target or folder are missing it asks for them on the terminal, and for the
 * model, too.
 *
 * @param terminal none where nobody can be asked
 * @throws CliError without a terminal, or when the answers end
 */
export async function completeInit(given: GivenOptions, terminal: Streams | undefined): Promise<InitOptions> {
  const { from, out } = given
  if (terminal === undefined) {
    if (from === undefined) throw missing('--from <path>')
    if (out === undefined) throw missing('--out <folder>')
    return { ...given, from, out }
  }
  const asksTarget = from !== undefined && (given.targets ?? []).length === 0 && (await needsTarget(from))
  if (from !== undefined && out !== undefined && !asksTarget) return { ...given, from, out }
  return withQuestions(terminal, (questions) => askForAll(given, questions))
}

function missing(option: string): CliError {
  return new CliError('usage', `${option} is missing.`, 'Without a terminal every answer is an option.')
}

/** Files that can't be read are refused later, with what is wrong with them. */
async function needsTarget(from: string): Promise<boolean> {
  const kind = await kindAt(from).catch(() => undefined)
  return kind === 'table' || kind === 'arrays'
}

async function kindAt(from: string): Promise<Description['kind']> {
  return kindOf((await rawFilesAt(from)).files)
}

async function askForAll(given: GivenOptions, { ask, tell }: Questions): Promise<InitOptions> {
  const { from, files } = await sourceOf(given.from, ask)
  const { description, names } = await describe(from, files)
  tell(plainLines(descriptionText(description)))
  const targets = given.targets ?? []
  const chosen =
    targets.length > 0 || names.length === 0
      ? targets
      : [await ask('Which of these is to be predicted?', (answer) => oneOf(names, answer))]
  const usual = defaultModel(description.kind)
  const model = given.model ?? (await ask(`Which model? [${usual}]`, (answer) => modelIn(answer || usual)))
  const out = given.out ?? (await ask('Which new folder gets the task?', newFolder))
  return { ...given, from, targets: chosen, model, out }
}

async function sourceOf(
  from: string | undefined,
  ask: Questions['ask'],
): Promise<{ from: string; files: readonly RawFile[] }> {
  const read = async (path: string) => ({ from: path, files: (await readable(path)).files })
  return from === undefined ? ask('Which file or folder holds your samples?', read) : read(from)
}

/** What is refused here, the user can correct. */
async function readable(path: string) {
  try {
    if (path === '') throw new EngineRefusal('data', 'a path is needed, such as people.csv or ./pictures')
    const found = await rawFilesAt(path)
    kindOf(found.files)
    return found
  } catch (error) {
    if (error instanceof EngineRefusal) throw new CliError('usage', `${error.message}.`)
    throw error
  }
}

async function describe(from: string, files: readonly RawFile[]): Promise<Found> {
  try {
    const description = await describeFiles(files)
    return { description, names: namesIn(description) }
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('usage', `No task can be made of ${from}: ${error.message}.`)
  }
}

function namesIn(description: Description): string[] {
  if (description.kind === 'table') return description.columns.map(({ name }) => name)
  return description.kind === 'arrays' ? description.arrays.map(({ name }) => name) : []
}

function oneOf(names: readonly string[], answer: string): string {
  if (names.includes(answer)) return answer
  throw new CliError('usage', `There is no "${answer}".`, `One of: ${names.slice(0, 20).join(', ')}.`)
}

function modelIn(text: string): string {
  try {
    readModelText(text)
    return text
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error
    throw new CliError('usage', `${error.message}.`)
  }
}

async function newFolder(answer: string): Promise<string> {
  if (answer === '') throw new CliError('usage', 'A name is needed.', 'Such as mine.')
  await requireEmpty(answer)
  return answer
}
