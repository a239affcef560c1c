/** How fast the built-in models train and evaluate, what memory and bytes they take, beside other runtimes. */
import { join } from 'node:path'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { type AskedProcess, startAsked, type Work } from './asked-process.ts'
import { type MeasuredModel, measuredModels } from './models.ts'
import { packageSize } from './package-size.ts'

/** Those that ours is compared with. */
export type Peers = { nativeVersion?: string | undefined; python?: string | undefined }
type Peer = { name: string; process: AskedProcess }
/** What a process did, a second of one core. */
type Speeds = Record<Work, number> & { peakBytes: number }
/** One process's speeds, and its share of them that ours makes: medians of runs in turns. */
type Row = Speeds & { name: string; shares: Record<Work, number> }

/** Of the native runtime's speed, for training and evaluation. */
export const LEAST_SHARE = 0.25
const RUNS = 7
/** About as long as a run should take. */
const RUN_SECONDS = 0.4
/** The wasm runtime is compiled a second time, for speed, while it runs. */
const WARM_UP_SECONDS = 3
const WORKS: readonly Work[] = ['steps', 'evaluations']
const MIB = 2 ** 20

/**
 * Measures each model, in turns with its peers, each in a process of its own, and prints what it finds.
 *
 * @returns whether every model trains and evaluates at {@link LEAST_SHARE} of the native runtime's speed or more
 */
export async function compareModels(seed: Hash, peers: Peers): Promise<boolean> {
  let isMet = true
  for (const [place, model] of measuredModels(seed).entries()) {
    const rows = await compare([ours(place, seed), ...peersOf(place, seed, peers)], model)
    const { values, bytes } = await packageSize(model)
    console.log(
      `\n${model.model}, ${model.optimizer}: ${whole(values)} values of state, package ${whole(bytes)} bytes`,
    )
    for (const row of rows) console.log(`  ${line(row)}`)
    const native = rows.find(({ name }) => name === 'native')
    isMet &&= native === undefined || WORKS.every((work) => native.shares[work] >= LEAST_SHARE)
  }
  return isMet
}

const program = join(import.meta.dirname, 'run-model.ts')

function ours(place: number, seed: Hash): Peer {
  const process = startAsked(globalThis.process.execPath, [program, 'wasm', `${place}`, seed, ''])
  return { name: 'ours', process }
}

function peersOf(place: number, seed: Hash, { nativeVersion, python }: Peers): Peer[] {
  const native = nativeVersion && [program, 'native', `${place}`, seed, nativeVersion]
  const torch = python && [join(import.meta.dirname, 'run_torch.py'), `${place}`]
  return [
    ...(native ? [{ name: 'native', process: startAsked(process.execPath, native) }] : []),
    ...(python && torch ? [{ name: 'torch', process: startAsked(python, torch) }] : []),
  ]
}

async function compare(all: readonly Peer[], { options }: MeasuredModel): Promise<Row[]> {
  const runs = new Map(all.map(({ name }) => [name, { steps: [], evaluations: [], peakBytes: 0 } as Runs]))
  const each = { steps: 1, evaluations: options.evalBatchSize }
  for (const work of WORKS) {
    const counts = new Map<string, number>()
    for (const { name, process } of all) counts.set(name, await fittingCount(process, work))
    for (let run = 0; run < RUNS; run++) {
      for (const { name, process } of all) {
        const { coreSeconds, peakBytes } = await process.ask(work, counts.get(name)!)
        const found = runs.get(name)!
        found[work].push((counts.get(name)! * each[work]) / coreSeconds)
        found.peakBytes = peakBytes
      }
    }
  }
  for (const { process } of all) process.close()
  return all.map(({ name }) => rowOf(name, runs.get(name)!, runs.get('ours')!))
}

type Runs = Record<Work, number[]> & { peakBytes: number }

function rowOf(name: string, { peakBytes, ...theirs }: Runs, ourRuns: Runs): Row {
  const share = (work: Work) => median(theirs[work].map((speed, run) => ourRuns[work][run]! / speed))
  return {
    name,
    steps: median(theirs.steps),
    evaluations: median(theirs.evaluations),
    peakBytes,
    shares: { steps: share('steps'), evaluations: share('evaluations') },
  }
}

/** Works until it is warm. @returns how often fits a run */
async function fittingCount({ ask }: AskedProcess, work: Work): Promise<number> {
  await ask(work, 3)
  const { seconds } = await ask(work, 3)
  const count = Math.max(3, Math.ceil((3 * RUN_SECONDS) / seconds))
  const started = performance.now()
  while (performance.now() - started < 1e3 * WARM_UP_SECONDS) await ask(work, count)
  return count
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function line({ name, steps, evaluations, peakBytes, shares }: Row): string {
  const share = (work: Work) => (name === 'ours' ? '' : ` (ours ${shares[work].toFixed(2)} ×)`)
  return [
    `${name.padEnd(7)} ${whole(steps)} steps/s${share('steps')}`,
    `${whole(evaluations)} samples/s evaluated${share('evaluations')}`,
    `${whole(peakBytes / MIB)} MiB resident at most`,
  ].join('; ')
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}
