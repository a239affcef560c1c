import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { ContributorReport, DemoReport, ValidatorReport } from './report-types.ts'

/** One thing that the demo has to show. */
export interface Verdict {
  holds: boolean
  /** Whether it has to hold after any number of rounds; the others need some rounds to show. */
  isInvariant?: boolean
  /** The promise with the values that decide it. */
  sentence: string
}

/** A cheating contributor earns at most this share of the median honest one. */
const CHEATER_SHARE = { numerator: 3n, denominator: 10n }
/** A lazy validator earns at most this share of the median honest one. */
const LAZY_SHARE = { numerator: 1n, denominator: 2n }
/** Points of accuracy that the last model may lie below central training. */
const CENTRAL_GAP = 0.04
/** Points of accuracy that attackers may cost. */
const CLEAN_GAP = 0.03
/** Differences of fractions carry rounding noise far below one test sample. */
const ROUNDING = 1e-9

/**
 * Judges a run of the demo by what it must show with any seed and mix.
 * @param clean the same run with `--attackers none`, to compare accuracies with
 */
export function judge(report: DemoReport, clean?: DemoReport): Verdict[] {
  return [
    ...cheatersEarnLittle(report.contributors),
    ...badValidatorsLose(report.validators),
    honestKeepTheirStake(report),
    ...accuracyHolds(report, clean),
    ...fundsAreConserved(report),
    roundsEnded(report),
  ]
}

function cheatersEarnLittle(contributors: ContributorReport[]): Verdict[] {
  const total = (one: ContributorReport) => BigInt(one.paidCompute) + BigInt(one.paidData)
  const median = lowerMedian(contributors.filter((one) => one.behaviour === 'honest').map(total))
  return contributors
    .filter((one) => one.behaviour !== 'honest')
    .map((one) => ({
      holds: total(one) * CHEATER_SHARE.denominator <= median * CHEATER_SHARE.numerator,
      sentence: `${one.behaviour} ${one.address} earned ${share(total(one), median)} of the median honest contributor, at most 0.3`,
    }))
}

function badValidatorsLose(validators: ValidatorReport[]): Verdict[] {
  const median = lowerMedian(
    validators.filter((one) => one.behaviour === 'honest').map((one) => BigInt(one.paidService)),
  )
  return validators.flatMap((one): Verdict[] => {
    if (one.behaviour === 'honest') return []
    const paid = BigInt(one.paidService)
    const earnsLittle = {
      holds: paid * LAZY_SHARE.denominator <= median * LAZY_SHARE.numerator,
      sentence: `${one.behaviour} validator ${one.address} earned ${share(paid, median)} of the median honest one, at most 0.5`,
    }
    if (one.behaviour === 'lazy') return [earnsLittle]
    const slashed = {
      holds: BigInt(one.slashed) > 0n,
      sentence: `silent validator ${one.address} lost ${one.slashed} wei of stake, more than 0`,
    }
    return [earnsLittle, slashed]
  })
}

function honestKeepTheirStake({ contributors, validators }: DemoReport): Verdict {
  const losers = [...contributors, ...validators].filter(
    (one) => one.behaviour === 'honest' && BigInt(one.slashed) !== 0n,
  )
  return {
    holds: losers.length === 0,
    isInvariant: true,
    sentence: `nobody honest was slashed${losers.map((one) => `; but ${one.address} lost ${one.slashed} wei`).join('')}`,
  }
}

function accuracyHolds(report: DemoReport, clean: DemoReport | undefined): Verdict[] {
  const last = report.rounds.at(-1)
  if (last === undefined) return [{ holds: false, sentence: 'there was no round' }]
  const found = [
    {
      holds: last.accuracy >= last.centralizedAccuracy - CENTRAL_GAP - ROUNDING,
      sentence: `accuracy ${percent(last.accuracy)} lies within 4 points of central training (${percent(last.centralizedAccuracy)})`,
    },
  ]
  const cleanAccuracy = clean?.rounds.at(-1)?.accuracy
  if (cleanAccuracy !== undefined) {
    found.push({
      holds: last.accuracy >= cleanAccuracy - CLEAN_GAP - ROUNDING,
      sentence: `accuracy ${percent(last.accuracy)} lies within 3 points of the run without attackers (${percent(cleanAccuracy)})`,
    })
  }
  return found
}

function fundsAreConserved({ funds, contributors, validators }: DemoReport): Verdict[] {
  const [funded, paid, refunded] = [BigInt(funds.funded), BigInt(funds.paid), BigInt(funds.refunded)]
  const [remaining, reserved] = [BigInt(funds.remaining), BigInt(funds.reserved)]
  const credited =
    contributors.reduce((sum, one) => sum + BigInt(one.paidCompute) + BigInt(one.paidData), 0n) +
    validators.reduce((sum, one) => sum + BigInt(one.paidService), 0n)
  return [
    {
      holds: funded === paid + refunded + remaining && reserved <= remaining,
      isInvariant: true,
      sentence: `funded ${funded} = paid ${paid} + refunded ${refunded} + remaining ${remaining} wei, ${reserved} of it reserved`,
    },
    {
      holds: credited === paid,
      isInvariant: true,
      sentence: `what everyone was credited adds up to ${credited} wei, which is what was paid (${paid})`,
    },
  ]
}

function roundsEnded({ rounds }: DemoReport): Verdict {
  const unfinished = rounds.filter((one) => one.status !== 'final')
  return {
    holds: rounds.length > 0 && unfinished.length === 0,
    sentence: `all ${rounds.length} rounds became final${unfinished.map((one) => `; but round ${one.round} is ${one.status}`).join('')}`,
  }
}

/** The lower middle of a list; 0 for an empty one. */
function lowerMedian(values: bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[(sorted.length - 1) >> 1] ?? 0n
}

function share(part: bigint, whole: bigint): string {
  return whole === 0n ? `${part} wei beside nothing` : (Number((part * 10_000n) / whole) / 10_000).toFixed(4)
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`

/** The verdicts as lines for people. */
export function verdictText(verdicts: Verdict[]): string {
  return verdicts.map(({ holds, sentence }) => `${holds ? 'holds   ' : 'VIOLATED'}  ${sentence}`).join('\n')
}

/** `node scripts/demo/expectations.ts RUN.json [CLEAN.json]`: exit code 1 when something is violated, 2 for wrong usage. */
async function main(files: string[]): Promise<number> {
  const [runFile, cleanFile] = files
  if (runFile === undefined || files.length > 2) {
    console.error('usage: node scripts/demo/expectations.ts RUN.json [RUN-WITHOUT-ATTACKERS.json]')
    return 2
  }
  const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as DemoReport
  const verdicts = judge(await read(runFile), cleanFile === undefined ? undefined : await read(cleanFile))
  console.log(verdictText(verdicts))
  return verdicts.every(({ holds }) => holds) ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.slice(2))
