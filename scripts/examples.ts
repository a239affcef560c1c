import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readArguments } from './command/read-arguments.ts'
import { reportFailure } from './command/report-failure.ts'
import { UsageError } from './command/usage-error.ts'
import { wholeNumber } from './command/whole-number.ts'
import { LIMITS } from './demo/options.ts'
import { linePerRound } from './demo/progress.ts'
import { type Reference, referenceOf } from './examples/reference.ts'
import { type ExampleRun, runExample } from './examples/run-example.ts'
import { lagOf, WORKED_EXAMPLES, type WorkedExample } from './examples/worked-examples.ts'

const NAMES = WORKED_EXAMPLES.map(({ name }) => name)
const USAGE = `npm run examples -- --out FOLDER [NAME...] [options]

Runs the worked examples from real files to predictions: assay task init, a federation on a chain of this machine, assay model
get, verify and predict. Prints how good each model is on files that nobody trained on, and fails where one is worse than it may be.

  NAME             ${NAMES.join(', ')} (default: all)
  --out FOLDER     a new folder for tasks, models and predictions
  --seed N         splits, tasks, keys and draws follow from it (default 1)
  --python FILE    a Python with torch and scikit-learn, to compare with: the same model, trained in one place
  --json           data as JSON on stdout, everything else on stderr
  --help           this text`

interface Options {
  examples: WorkedExample[]
  out: string
  seed: number
  python: string | undefined
  isJson: boolean
}

async function optionsOf(args: string[]): Promise<Options | undefined> {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      python: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const unknown = positionals.find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no example "${unknown}": ${NAMES.join(', ')}`)
  if (values.out === undefined) throw new UsageError('--out FOLDER is missing')
  const found = await readdir(values.out).catch(() => [])
  if (found.length > 0) throw new UsageError(`${values.out} is not empty: give a new folder`)
  return {
    examples: WORKED_EXAMPLES.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    out: values.out,
    seed: wholeNumber('seed', values.seed, LIMITS.seed.least, LIMITS.seed.most),
    python: values.python,
    isJson: values.json,
  }
}

const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())

async function main(args: string[]): Promise<void> {
  const options = await optionsOf(args)
  if (options === undefined) {
    console.log(USAGE)
    return
  }
  const results = []
  for (const example of options.examples) {
    const result = await resultOf(example, options)
    results.push(result)
    if (!options.isJson) console.log(textOf(result))
  }
  if (options.isJson) console.log(JSON.stringify(results, undefined, 2))
  if (results.some(({ isWithin }) => !isWithin)) process.exitCode = 1
}

interface Result extends Pick<ExampleRun, 'found' | 'seconds'> {
  name: string
  metric: WorkedExample['metric']
  reference: Reference | undefined
  /** Whether the model keeps to the example's bar, and to its margin behind PyTorch where that was asked. */
  isWithin: boolean
}

async function resultOf(example: WorkedExample, { out, seed, python }: Options): Promise<Result> {
  const { name, metric, rounds, bar, margin } = example
  const folder = join(out, name)
  await mkdir(folder, { recursive: true })
  const progress = linePerRound(rounds)
  const run = await runExample(example, { folder, seed, progress, signal: interruption.signal })
  progress.end()
  const reference = python === undefined ? undefined : await referenceOf(example, run, { python, seed })
  const { found, seconds } = run
  const isWithin =
    lagOf(metric, found, bar) <= 0 &&
    (reference === undefined || lagOf(metric, found, reference.pytorch) <= margin)
  return { name, metric, found, seconds, reference, isWithin }
}

function textOf({ name, metric, found, seconds, reference, isWithin }: Result): string {
  const line = `${name}: ${metric} ${shown(found)} in ${seconds.toFixed(0)} s`
  const beside = reference === undefined ? '' : `; ${referenceText(reference)}`
  return `${line}${beside}${isWithin ? '' : '; worse than it may be'}`
}

function referenceText({ pytorch, ofOne, sklearn, versions }: Reference): string {
  const figures = [
    `PyTorch ${shown(pytorch)}, after the steps of one contributor ${shown(ofOne)}`,
    ...(sklearn === null ? [] : [`scikit-learn ${shown(sklearn)}`]),
  ]
  const programs = Object.entries(versions).map((version) => version.join(' '))
  return `${figures.join(', ')} (${programs.join(', ')})`
}

function shown(value: number): number {
  return Number(value.toPrecision(4))
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run examples', interruption.signal.aborted)
}
