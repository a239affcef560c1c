import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { readParticipant } from '@assay/sdk/verbs/rounds/read-participant.ts'
import { readValidator } from '@assay/sdk/verbs/rounds/read-validator.ts'
import { formatEther } from 'viem'
import { casesText, readCaseReports } from './case-reports.ts'
import type { Cast } from './cast.ts'
import { gasBetween, type Ledger, type RoundEntry, readFunds, type SlashEntry } from './ledger.ts'
import type { ContributorReport, DemoReport, RoundReport, ValidatorReport } from './report-types.ts'

/** The report of a run, from the chain and the models. */
export async function makeReport(at: {
  reader: AssayReader
  taskId: bigint
  cast: Cast
  ledger: Ledger
  seed: number
  slowStores: number
  /** When the first round started, by the process's clock (`performance.now()`). */
  startedAt: number
  /** Accuracy after each round, and of central training after as many steps: fractions. */
  accuracies: number[]
  centralized: number[]
}): Promise<DemoReport> {
  const { reader, taskId, cast, ledger, seed, slowStores, startedAt, accuracies, centralized } = at
  const rounds: RoundReport[] = []
  for (const [i, entry] of ledger.rounds.entries()) {
    rounds.push({
      round: entry.round,
      status: entry.status,
      accuracy: accuracies[i]!,
      centralizedAccuracy: centralized[i]!,
      gasUsed: await gasOf(reader, entry),
    })
  }
  const [contributors, validators] = await Promise.all([
    Promise.all(cast.contributors.map((one) => contributorReport(reader, taskId, one, ledger))),
    Promise.all(cast.validators.map((one) => validatorReport(reader, taskId, one, ledger))),
  ])
  const cases = await readCaseReports(reader, taskId)
  const funds = await readFunds(reader, taskId, reader.deployment.contracts.assayToken)
  const seconds = Number(((performance.now() - startedAt) / 1000).toFixed(1))
  return { seed, slowStores, seconds, rounds, contributors, validators, cases, funds }
}

function gasOf(reader: AssayReader, { openedBlock, closedBlock }: RoundEntry): Promise<number> {
  return gasBetween(reader, openedBlock, closedBlock)
}

async function contributorReport(
  reader: AssayReader,
  taskId: bigint,
  { address, behaviour }: Cast['contributors'][number],
  { contributors, slashes }: Ledger,
): Promise<ContributorReport> {
  const { paidCompute = 0n, paidData = 0n, submissions = 0 } = contributors.get(address) ?? {}
  const { reputationBps } = await readParticipant(reader, { taskId, contributor: address })
  return {
    address,
    behaviour,
    paidCompute: String(paidCompute),
    paidData: String(paidData),
    reputationBps,
    slashed: String(slashedOf(slashes, address)),
    submissions,
  }
}

async function validatorReport(
  reader: AssayReader,
  taskId: bigint,
  { address, behaviour }: Cast['validators'][number],
  { validators, slashes }: Ledger,
): Promise<ValidatorReport> {
  const { uptimeBps } = await readValidator(reader, { taskId, validator: address })
  return {
    address,
    behaviour,
    paidService: String(validators.get(address) ?? 0n),
    uptimeBps,
    slashed: String(slashedOf(slashes, address)),
  }
}

function slashedOf(slashes: SlashEntry[], address: string): bigint {
  return slashes.filter(({ account }) => account === address).reduce((sum, { taken }) => sum + taken, 0n)
}

/** The report as tables; under each table who in it was slashed, and why. */
export function reportText(report: DemoReport, slashes: SlashEntry[]): string {
  const { rounds, contributors, validators, cases, funds, seconds } = report
  return [
    `\n${rounds.length} rounds in ${seconds} s (set-up apart)\n`,
    table(
      ['round', 'status', 'accuracy', 'central', 'gas'],
      rounds.map((one) => [
        String(one.round),
        one.status,
        percent(one.accuracy),
        percent(one.centralizedAccuracy),
        one.gasUsed.toLocaleString('en'),
      ]),
    ),
    table(
      ['contributor', 'behaviour', 'compute × quality', 'data × rarity', 'reputation', 'slashed', 'updates'],
      contributors.map((one) => [
        shortened(one.address),
        one.behaviour,
        tokens(one.paidCompute),
        tokens(one.paidData),
        (one.reputationBps / 10_000).toFixed(2),
        tokens(one.slashed),
        String(one.submissions),
      ]),
      slashLines(contributors, slashes),
    ),
    table(
      ['validator', 'behaviour', 'service × uptime', 'uptime bonus', 'slashed'],
      validators.map((one) => [
        shortened(one.address),
        one.behaviour,
        tokens(one.paidService),
        (one.uptimeBps / 10_000).toFixed(2),
        tokens(one.slashed),
      ]),
      slashLines(validators, slashes),
    ),
    ...casesText(cases, shortened),
    `funded ${tokens(funds.funded)} = paid ${tokens(funds.paid)} + refunded ${tokens(funds.refunded)} + remaining ${tokens(funds.remaining)} tokens (${tokens(funds.reserved)} of it held back)`,
  ].join('\n')
}

function slashLines(people: { address: string }[], slashes: SlashEntry[]): string[] {
  return people.flatMap(({ address }) =>
    slashes
      .filter(({ account }) => account === address)
      .map(
        ({ taken, reason }) =>
          `${shortened(address)} lost ${tokens(String(taken))} ASSAY of its stake: ${reason}`,
      ),
  )
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`
const shortened = (address: string) => `${address.slice(0, 8)}…${address.slice(-4)}`

/** Tokens with two decimals, rounded down: the JSON has every wei. */
function tokens(wei: string): string {
  const [whole = '0', fraction = ''] = formatEther(BigInt(wei)).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.slice(0, 2).padEnd(2, '0')}`
}

function table(head: string[], rows: string[][], notes: string[] = []): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  return `${[line(head), ...rows.map(line), ...notes].join('\n')}\n`
}
