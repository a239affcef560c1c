import { existsSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { UsageError } from './command/usage-error.ts'
import { drawCharts } from './demo/chart.ts'
import { expectationText, judge } from './demo/expectations.ts'
import { DEMO_USAGE, parseDemoOptions } from './demo/options.ts'
import { linePerRound } from './demo/progress.ts'
import { reportText } from './demo/report.ts'
import { runDemo } from './demo/run.ts'

const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())

/** `npm run demo`: exit code 1 when the run failed, or a promise is broken that holds after any number of rounds. */
async function main(args: string[]): Promise<number> {
  const options = parseDemoOptions(args)
  if (options === undefined) {
    console.log(DEMO_USAGE)
    return 0
  }
  await checkWritable(options.jsonFile)
  const progress = linePerRound(options.rounds)
  const { report, ledger } = await runDemo(options, progress, interruption.signal)
  progress.end()
  if (options.jsonFile !== undefined) {
    await writeWholeFile(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`)
  }
  const charts = await drawCharts(report, options.outputDir)
  const expectations = judge(report)
  console.log(reportText(report, ledger.slashes))
  console.log(`\n${expectationText(expectations)}\n\nCharts: ${charts.join(', ')}`)
  // Promises that need more rounds are printed, but only scripts/demo/expectations.ts fails on them.
  return expectations.every(({ holds, isInvariant }) => holds || !isInvariant) ? 0 : 1
}

/** Checks before the run that the file can be written, and leaves no new one behind. @throws UsageError when it can't */
async function checkWritable(file: string | undefined): Promise<void> {
  if (file === undefined) return
  const isNew = !existsSync(file)
  try {
    await (await open(file, 'a')).close()
    if (isNew) await rm(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--json is "${file}", which can't be written (${reason}): give another file`)
  }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = interruption.signal.aborted ? 130 : error instanceof UsageError ? 2 : 1
}
