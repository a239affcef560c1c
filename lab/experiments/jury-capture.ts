/**
 * How often a captured part of the jurors has most of the seats of a panel: the contract's own draw, many times, beside exact rates.
 *
 *     node tools/dev.mjs exec node lab/experiments/jury-capture.ts [draws of each cell, default 20000]
 *
 * Ends with exit code 1 when a rate is further from the exact one than four standard errors.
 */
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import {
  capturedRoster,
  capturedWeight,
  captureRate,
  endlessCaptureRate,
  exactCaptureRate,
  SPREADS,
} from './jury-capture-model.ts'

const SHARES = [0.2, 1 / 3, 0.4]
const SEATS = [11, 21, 0]
const BASE = deriveSeed(`0x${'00'.repeat(32)}`, 'jury capture')

const draws = Number(process.argv[2] ?? 20_000)
if (!Number.isSafeInteger(draws) || draws < 100) {
  console.error(`"${process.argv[2]}" draws of each cell: give a whole number from 100, such as 20000`)
  process.exit(2)
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
let isMet = true
console.log(`${draws} draws of each cell; 63 jurors that can be drawn\n`)
console.log('| captured weight | its places | seats | drawn | exact | endless roster |')
console.log('|---|---|---|---|---|---|')
for (const spread of SPREADS)
  for (const share of SHARES)
    for (const seats of SEATS) {
      const roster = capturedRoster(share, spread)
      const rate = captureRate(roster, seats, draws, BASE)
      const exact = spread === 'equal' && seats > 0 ? exactCaptureRate(roster, seats) : undefined
      if (
        exact !== undefined &&
        Math.abs(rate - exact) > 4 * Math.sqrt((exact * (1 - exact)) / draws) + 1 / draws
      )
        isMet = false
      const places = `${roster.captured} of ${spread} weight`
      const cells = [percent(capturedWeight(roster)), places, seats || 'all', percent(rate)]
      const endless = seats > 0 ? percent(endlessCaptureRate(share, seats)) : '–'
      console.log(`| ${[...cells, exact === undefined ? '–' : percent(exact), endless].join(' | ')} |`)
    }
console.log(isMet ? '\nAll rates are those of a fair draw.' : '\nA rate is not that of a fair draw.')
process.exitCode = isMet ? 0 : 1
