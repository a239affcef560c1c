import type { RoundFigures } from '@assay/lab/federation/figures.ts'
import { runLab } from '@assay/lab/runs/run-lab.ts'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { reportFailure } from './command/report-failure.ts'
import { LAB_USAGE, parseLabOptions } from './lab/options.ts'
import { resultText, roundText } from './lab/report.ts'

/** `npm run lab` */
async function main(args: string[]): Promise<void> {
  const options = parseLabOptions(args)
  if (options === undefined) {
    console.log(LAB_USAGE)
    return
  }
  const onRound = (figures: RoundFigures) => console.log(roundText(figures))
  const result = await runLab(options.run, onRound)
  if (options.jsonFile !== undefined)
    await writeWholeFile(options.jsonFile, `${JSON.stringify(result, undefined, 2)}\n`)
  console.log(`\n${resultText(result)}`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  reportFailure(error, 'npm run lab')
}
