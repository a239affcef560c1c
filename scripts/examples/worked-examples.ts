/** The examples: real files, the task that is made of them, and how good its model has to be. */
import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PICTURE_FOLDERS, writeDigitPictures } from '@assay/lab/digit-pictures.ts'
import { seededRng } from '@assay/lab/rng.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'

const DATA = join(import.meta.dirname, '../../examples')

/** A metric that all of an example's models are measured by, on files that were not trained on. */
export type ExampleMetric = 'accuracy' | 'mean absolute error' | 'perplexity'

export type ExampleFiles = {
  /** What the task is made of. */
  train: string
  /** What others have, with its targets. */
  test: string
  /** The same without targets, as somebody has it who asks the model. */
  asked: string
  /** Targets of `asked`, in its order; of texts the character after each sample. */
  expected: string[]
}

export type WorkedExample = {
  name: string
  /** Options of `assay task init`. */
  init: readonly string[]
  rounds: number
  metric: ExampleMetric
  /** The least accuracy, or the largest error or perplexity, that a trained model may have. */
  bar: number
  /** By how much it may be worse than the same model that PyTorch trains in one place. */
  margin: number
  /** Writes files, split by the seed. */
  write: (folder: string, seed: Hash) => Promise<ExampleFiles>
}

/** How much worse one figure is than another; below 0 if it is better. */
export function lagOf(metric: ExampleMetric, found: number, other: number): number {
  return metric === 'accuracy' ? other - found : found - other
}

/** One row in five is kept for the test. */
const TEST_SHARE = 0.2
const DIGITS = { train: 120, test: 40 }
/** Of a sample of text. */
const LETTERS = 32

export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  {
    name: 'breast-cancer',
    init: ['--target', 'diagnosis'],
    rounds: 2,
    metric: 'accuracy',
    bar: 0.92,
    margin: 0.03,
    write: (folder, seed) => writeTable('breast-cancer', 'diagnosis', { folder, seed }),
  },
  {
    name: 'diabetes',
    init: ['--target', 'progression'],
    rounds: 2,
    metric: 'mean absolute error',
    bar: 53,
    margin: 5,
    write: (folder, seed) => writeTable('diabetes', 'progression', { folder, seed }),
  },
  {
    name: 'digits',
    init: ['--model', 'cnn:8,16'],
    rounds: 2,
    metric: 'accuracy',
    bar: 0.9,
    margin: 0.03,
    write: writePictures,
  },
  {
    name: 'moby-dick',
    init: [
      ...['--length', String(LETTERS), '--model', 'transformer:layers=1,width=32,heads=4'],
      ...['--batch-size', '8', '--rate', '0.006'],
    ],
    rounds: 2,
    metric: 'perplexity',
    bar: 12,
    margin: 2,
    write: writeChapters,
  },
]

async function writeTable(
  name: string,
  target: string,
  { folder, seed }: { folder: string; seed: Hash },
): Promise<ExampleFiles> {
  const [head = '', ...rows] = (await readFile(join(DATA, name, 'samples.csv'), 'utf8')).trimEnd().split('\n')
  const at = head.split(',').indexOf(target)
  const shuffled = seededRng(seed, 'test rows').shuffled(rows)
  const tested = Math.round(TEST_SHARE * rows.length)
  const test = shuffled.slice(0, tested)
  const asked = [head, ...test].map((row) => row.split(',').toSpliced(at, 1).join(','))
  const files = { train: 'train.csv', test: 'test.csv', asked: 'asked.csv' }
  await mkdir(folder, { recursive: true })
  await writeWholeFile(join(folder, files.train), linesOf([head, ...shuffled.slice(tested)]))
  await writeWholeFile(join(folder, files.test), linesOf([head, ...test]))
  await writeWholeFile(join(folder, files.asked), linesOf(asked))
  return { ...placesIn(folder, files), expected: test.map((row) => row.split(',')[at]!) }
}

async function writePictures(folder: string, seed: Hash): Promise<ExampleFiles> {
  await writeDigitPictures(folder, { pictures: DIGITS, seed })
  const { train, test } = PICTURE_FOLDERS
  const classes = (await readdir(join(folder, test))).sort()
  const expected = classes.flatMap((name) => new Array<string>(DIGITS.test).fill(name))
  return { ...placesIn(folder, { train, test, asked: test }), expected }
}

/** The last chapter is for the test: a model of texts predicts what it has not read. */
async function writeChapters(folder: string): Promise<ExampleFiles> {
  const chapters = (await readdir(join(DATA, 'moby-dick'))).sort()
  const last = chapters.at(-1)!
  const parts = { train: chapters.slice(0, -1), test: [last] }
  for (const [part, names] of Object.entries(parts)) {
    await mkdir(join(folder, part), { recursive: true })
    for (const name of names) await cp(join(DATA, 'moby-dick', name), join(folder, part, name))
  }
  const letters = [...(await readFile(join(DATA, 'moby-dick', last), 'utf8'))]
  await writeWholeFile(join(folder, 'asked.txt'), letters.slice(0, -1).join(''))
  const expected = letters.filter((_, i) => i > 0 && i % LETTERS === 0)
  return { ...placesIn(folder, { train: 'train', test: 'test', asked: 'asked.txt' }), expected }
}

function placesIn<Name extends string>(folder: string, names: Record<Name, string>): Record<Name, string> {
  const places = Object.entries<string>(names).map(([name, file]) => [name, join(folder, file)])
  return Object.fromEntries(places) as Record<Name, string>
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
