import { DATASETS } from '@assay/lab/datasets/registry.ts'
import type { RoundFigures } from '@assay/lab/federation/figures.ts'
import { replayHonest } from '@assay/lab/runs/replays.ts'
import { federationOptions } from '@assay/lab/runs/run.ts'
import { runLab } from '@assay/lab/runs/run-lab.ts'
import { fullRuns, playSeries, sweepRuns } from '@assay/lab/runs/series.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { reportFailure } from './command/report-failure.ts'
import { LAB_USAGE, type LabMode, type LabOptions, parseLabOptions } from './lab/options.ts'
import { quickRuns } from './lab/quick.ts'
import { barText, resultText, roundText, shortText } from './lab/report.ts'

/** Longest time of `--full`, in milliseconds. */
const FULL_MS = 90 * 60_000

const MODES: Record<LabMode, (options: LabOptions) => Promise<number>> = {
  run: playOne,
  quick: playQuick,
  full: (options) => playMany(options, FULL_MS),
  sweep: (options) => playMany(options, Number.POSITIVE_INFINITY),
  replays: replay,
}

/** `npm run lab`: exit code 1 when the run failed, or a bar of `--quick` isn't met that was. */
async function main(args: string[]): Promise<number> {
  const options = parseLabOptions(args)
  if (options !== undefined) return MODES[options.mode](options)
  console.log(LAB_USAGE)
  return 0
}

async function playOne({ run, jsonFile }: LabOptions): Promise<number> {
  const onRound = (figures: RoundFigures) => console.log(roundText(figures))
  const result = await runLab(run, { onRound })
  await writeJson(jsonFile, result)
  console.log(`\n${resultText(result)}`)
  return 0
}

async function playQuick({ run }: LabOptions): Promise<number> {
  return (await quickRuns(run, (line) => console.log(barText(line)))) ? 0 : 1
}

async function playMany({ mode, run, resultsFile }: LabOptions, mostMs: number): Promise<number> {
  const endsAt = performance.now() + mostMs
  const runs = mode === 'full' ? fullRuns(run) : sweepRuns(run)
  await playSeries(runs, resultsFile, {
    isOver: () => performance.now() >= endsAt,
    onResult: (result) => console.log(shortText(result)),
  })
  return 0
}

async function replay({ run, replays: steps, jsonFile }: LabOptions): Promise<number> {
  const { seed } = federationOptions(run)
  const dataset = DATASETS.find(({ name }) => name === run.dataset)!
  const found = await replayHonest({ dataset, seed, steps })
  await writeJson(jsonFile, found)
  const { mismatches, withheld } = found
  console.log(
    `${found.steps} honest steps replayed with Node ${process.version}: ${mismatches} windows ended elsewhere, ${withheld} were not proven`,
  )
  return mismatches + withheld === 0 ? 0 : 1
}

async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  if (file !== undefined) await writeWholeFile(file, `${JSON.stringify(value, undefined, 2)}\n`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run lab')
}
