import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { Role } from '@assay/lab/behaviours/behaviour.ts'
import { behaviourNamed } from '@assay/lab/behaviours/registry.ts'
import type { ContributorReport, DemoReport, ValidatorReport } from './report-types.ts'

/** One thing that the demo has to show. */
export interface Expectation {
  holds: boolean
  /** Whether it has to hold after any number of rounds; the others need some rounds to show. */
  isInvariant?: boolean
  /** The promise with the values that decide it. */
  sentence: string
}

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
export function judge(report: DemoReport, clean?: DemoReport): Expectation[] {
  return [
    ...deviantsGainLittle('contributor', report.contributors, contributorPay),
    ...skippedTrainingIsDear(report),
    ...deviantsGainLittle('validator', report.validators, ({ paidService }) => BigInt(paidService)),
    honestKeepTheirStake(report),
    ...slowStoresCostNothing(report, clean),
    ...accuracyHolds(report, clean),
    ...fundsAreConserved(report),
    roundsEnded(report),
  ]
}

const contributorPay = (one: ContributorReport) => BigInt(one.paidCompute) + BigInt(one.paidData)

/** What is expected of everybody who deviates, by behaviour. */
function deviantsGainLittle<One extends ContributorReport | ValidatorReport>(
  role: Role,
  people: One[],
  pay: (one: One) => bigint,
): Expectation[] {
  const isHonest = (one: One) => one.behaviour === 'honest'
  const median = lowerMedian(people.filter(isHonest).map(pay))
  const [kind, medianOne] = role === 'contributor' ? ['', 'honest contributor'] : ['validator ', 'honest one']
  return people.flatMap((one): Expectation[] => {
    if (isHonest(one)) return []
    const { mostPayBps, isSlashed } = behaviourNamed(role, one.behaviour).expected
    const who = `${one.behaviour} ${kind}${one.address}`
    const earnsLittle = {
      holds: pay(one) * 10_000n <= median * BigInt(mostPayBps),
      sentence: `${who} earned ${share(pay(one), median)} of the median ${medianOne}, at most ${mostPayBps / 10_000}`,
    }
    const losesStake = {
      holds: BigInt(one.slashed) > 0n,
      sentence: `${who} lost ${one.slashed} wei of stake, more than 0`,
    }
    return isSlashed ? [earnsLittle, losesStake] : [earnsLittle]
  })
}

/** Pay for compute of those who don't train all that they are paid for. */
function skippedTrainingIsDear({ contributors }: DemoReport): Expectation[] {
  const pay = (one: ContributorReport) => BigInt(one.paidCompute)
  const median = lowerMedian(contributors.filter((one) => one.behaviour === 'honest').map(pay))
  return contributors.flatMap((one): Expectation[] => {
    const mostBps = one.behaviour === 'honest' ? undefined : expectedOf(one).mostComputePayBps
    if (mostBps === undefined) return []
    const earned = `earned ${share(pay(one), median)} of the median honest contributor's pay for compute`
    return [
      {
        holds: pay(one) * 10_000n <= median * BigInt(mostBps),
        sentence: `${one.behaviour} ${one.address} ${earned}, at most ${mostBps / 10_000}`,
      },
    ]
  })
}

const expectedOf = (one: ContributorReport) => behaviourNamed('contributor', one.behaviour).expected

function honestKeepTheirStake({ contributors, validators }: DemoReport): Expectation {
  const losers = [...contributors, ...validators].filter(
    (one) => one.behaviour === 'honest' && BigInt(one.slashed) !== 0n,
  )
  return {
    holds: losers.length === 0,
    isInvariant: true,
    sentence: `nobody honest was slashed${losers.map((one) => `; but ${one.address} lost ${one.slashed} wei`).join('')}`,
  }
}

/** With one store that works, those that drip or hang take nothing from anybody honest. */
function slowStoresCostNothing(
  { slowStores, contributors, validators }: DemoReport,
  clean: DemoReport | undefined,
): Expectation[] {
  if (slowStores === 0 || clean === undefined) return []
  const losses = [
    ...contributors.flatMap((one) => {
      const before = clean.contributors.find(({ address }) => address === one.address)
      if (one.behaviour !== 'honest' || before === undefined) return []
      const flagged = one.reputationBps < before.reputationBps ? [`${one.address} lost reputation`] : []
      return [...flagged, ...paidLess(one.address, contributorPay(one), contributorPay(before))]
    }),
    ...validators.flatMap((one) => {
      const before = clean.validators.find(({ address }) => address === one.address)
      if (one.behaviour !== 'honest' || before === undefined) return []
      return paidLess(one.address, BigInt(one.paidService), BigInt(before.paidService))
    }),
  ]
  return [
    {
      holds: losses.length === 0,
      sentence: `nobody honest was paid less or flagged because of ${slowStores} slow stores${losses.map((loss) => `; but ${loss}`).join('')}`,
    },
  ]
}

function paidLess(who: string, pay: bigint, before: bigint): string[] {
  return pay < before ? [`${who} earned ${pay} wei instead of ${before}`] : []
}

function accuracyHolds(report: DemoReport, clean: DemoReport | undefined): Expectation[] {
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

function fundsAreConserved({ funds, contributors, validators }: DemoReport): Expectation[] {
  const [funded, paid, refunded] = [BigInt(funds.funded), BigInt(funds.paid), BigInt(funds.refunded)]
  const [remaining, reserved] = [BigInt(funds.remaining), BigInt(funds.reserved)]
  const credited =
    contributors.reduce((sum, one) => sum + contributorPay(one), 0n) +
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

function roundsEnded({ rounds }: DemoReport): Expectation {
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

/** The expectations as lines for people. */
export function expectationText(expectations: Expectation[]): string {
  return expectations
    .map(({ holds, sentence }) => `${holds ? 'holds   ' : 'VIOLATED'}  ${sentence}`)
    .join('\n')
}

/** `node scripts/demo/expectations.ts RUN.json [CLEAN.json]`: exit code 1 when something is violated, 2 for wrong usage. */
async function main(files: string[]): Promise<number> {
  const [runFile, cleanFile] = files
  if (runFile === undefined || files.length > 2) {
    console.error('usage: node scripts/demo/expectations.ts RUN.json [RUN-WITHOUT-ATTACKERS.json]')
    return 2
  }
  const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as DemoReport
  const expectations = judge(await read(runFile), cleanFile === undefined ? undefined : await read(cleanFile))
  console.log(expectationText(expectations))
  return expectations.every(({ holds }) => holds) ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.slice(2))
