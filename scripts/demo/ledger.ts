import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { cohortMembers } from '@assay/sdk/protocol/cohorts.ts'
import { unpackResult } from '@assay/sdk/protocol/results.ts'
import { submissionsIn } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readSlashes, type Slash } from '@assay/sdk/verbs/stake-registry/read-slashes.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { type Address, type ContractEventName, erc20Abi, type GetContractEventsReturnType } from 'viem'
import type { FundsReport } from './report-types.ts'

/** What settlement credited to one contributor, in reward wei; held pay only once it was released. */
interface ContributorLedger {
  paidCompute: bigint
  paidData: bigint
  submissions: number
}

/** A slash and why. */
export interface SlashEntry {
  account: Address
  taken: bigint
  reason: string
}

/** One round as its events tell it. */
export interface RoundEntry {
  round: number
  status: 'final' | 'void'
  openedBlock: bigint
  closedBlock: bigint
  /** Model after the round. */
  modelHash: `0x${string}`
}

export interface Ledger {
  rounds: RoundEntry[]
  contributors: Map<Address, ContributorLedger>
  validators: Map<Address, bigint>
  slashes: SlashEntry[]
}

/** All events of Rounds. */
export type RoundsEvents = GetContractEventsReturnType<typeof iRoundsAbi, undefined, true>
type RoundsEvent<Name extends ContractEventName<typeof iRoundsAbi>> = Extract<
  RoundsEvents[number],
  { eventName: Name }
>

/** Under which the registry keeps the stake of jurors, in place of a task's number. */
const JURY_ID = 2n ** 63n

/** Reads everything that a task's rounds did, from the chain's events alone. */
export async function readLedger(reader: AssayReader, taskId: bigint): Promise<Ledger> {
  const { chain, deployment } = reader
  const range = { fromBlock: BigInt(deployment.startBlock), toBlock: 'latest', strict: true } as const
  const [all, inTask, ofJurors] = await Promise.all([
    chain.getContractEvents({ address: deployment.contracts.rounds, abi: iRoundsAbi, ...range }),
    readSlashes(reader, { taskId }),
    readSlashes(reader, { taskId: JURY_ID }),
  ])
  const slashes = [...inTask, ...ofJurors]
  const events = all.filter(({ args }) => 'taskId' in args && args.taskId === taskId)
  return {
    rounds: roundsOf(events),
    contributors: contributorsOf(events),
    validators: servicesOf(events),
    slashes: slashes.map((slash) => ({
      account: slash.account,
      taken: slash.taken,
      reason: slashText(events, slash),
    })),
  }
}

function named<Name extends ContractEventName<typeof iRoundsAbi>>(
  events: RoundsEvents,
  name: Name,
): RoundsEvent<Name>[] {
  return events.filter((event): event is RoundsEvent<Name> => event.eventName === name)
}

function roundsOf(events: RoundsEvents): RoundEntry[] {
  return named(events, 'RoundOpened').map(({ args: { round, baseModelHash }, blockNumber }) => {
    const final = named(events, 'RoundFinalized').find(({ args }) => args.round === round)
    const voided = named(events, 'RoundVoided').find(({ args }) => args.round === round)
    return {
      round,
      status: final === undefined ? 'void' : 'final',
      openedBlock: blockNumber,
      closedBlock: (final ?? voided)?.blockNumber ?? blockNumber,
      modelHash: final?.args.modelHash ?? baseModelHash,
    }
  })
}

interface Pay {
  compute: bigint
  data: bigint
}

/** Adds up what was credited at once, and what was held until an audit released it. */
function contributorsOf(events: RoundsEvents): Map<Address, ContributorLedger> {
  const ledgers = new Map<Address, ContributorLedger>()
  const held = new Map<Address, Pay>()
  const ledgerOf = (account: Address) => {
    const known = ledgers.get(account) ?? { paidCompute: 0n, paidData: 0n, submissions: 0 }
    ledgers.set(account, known)
    return known
  }
  const credit = (account: Address, { compute, data }: Pay) => {
    const ledger = ledgerOf(account)
    ledger.paidCompute += compute
    ledger.paidData += data
  }
  for (const event of events) {
    if (event.eventName === 'Submitted' || event.eventName === 'BatchSubmitted') {
      for (const { contributor } of submissionsIn(event)) ledgerOf(contributor).submissions++
    } else if (event.eventName === 'HeldCancelled') held.delete(event.args.contributor)
    else if (event.eventName === 'EarningsForfeited' && ledgers.has(event.args.account)) {
      const { paidCompute, paidData } = ledgerOf(event.args.account)
      const lost = forfeitedOf(events, event)
      const { compute, data } = partOf(event.args.account, { compute: paidCompute, data: paidData }, lost)
      credit(event.args.account, { compute: -compute, data: -data })
    } else if (event.eventName === 'HeldReleased') {
      const { contributor, amount } = event.args
      const pay = held.get(contributor) ?? { compute: 0n, data: 0n }
      const released = partOf(contributor, pay, amount)
      credit(contributor, released)
      held.set(contributor, { compute: pay.compute - released.compute, data: pay.data - released.data })
    } else if (event.eventName === 'CohortSettled') {
      for (const { contributor, outcome, pay } of membersOf(events, event)) {
        if (outcome === 'audited' || outcome === 'taskFault') credit(contributor, pay)
        else if (outcome === 'unaudited') {
          const before = held.get(contributor) ?? { compute: 0n, data: 0n }
          held.set(contributor, { compute: before.compute + pay.compute, data: before.data + pay.data })
        }
      }
    }
  }
  return ledgers
}

/** What of the pay that was credited a verdict takes back. Held pay, which it cancels in the same transaction, was not credited. */
function forfeitedOf(
  events: RoundsEvents,
  { args: { account, amount }, transactionHash }: RoundsEvent<'EarningsForfeited'>,
): bigint {
  const cancelled = named(events, 'HeldCancelled').filter(
    (event) => event.args.contributor === account && event.transactionHash === transactionHash,
  )
  return amount - cancelled.reduce((sum, { args }) => sum + args.amount, 0n)
}

/** What of pay an `amount` of wei is: the same share of both terms. */
export function partOf(contributor: Address, { compute, data }: Pay, amount: bigint): Pay {
  const whole = compute + data
  if (amount > whole) throw new Error(`${contributor} was to get or lose ${amount} wei of ${whole} wei.`)
  const released = whole === 0n ? 0n : (compute * amount) / whole
  return { compute: released, data: amount - released }
}

/** Whose results a settled cohort's words are: the beacon's permutation puts the round's submissions into cohorts. */
function membersOf(events: RoundsEvents, { args }: RoundsEvent<'CohortSettled'>) {
  const { round, cohort, results } = args
  const submissions = [...named(events, 'Submitted'), ...named(events, 'BatchSubmitted')]
    .filter((event) => event.args.round === round)
    .flatMap(submissionsIn)
    .toSorted((a, b) => a.index - b.index)
  const beacon = named(events, 'RoundSealed').find((event) => event.args.round === round)!.args.beacon
  const members = cohortMembers({ beacon, count: submissions.length, cohort })
  return results.map((word, position) => {
    const { outcome, computePay, dataPay } = unpackResult(word)
    const { contributor } = submissions[members[position]!]!
    return { contributor, outcome, pay: { compute: computePay, data: dataPay } }
  })
}

/** What finalized rounds credited to each validator. */
function servicesOf(events: RoundsEvents): Map<Address, bigint> {
  const services = new Map<Address, bigint>()
  for (const { args } of named(events, 'ValidatorPaid')) {
    services.set(args.validator, (services.get(args.validator) ?? 0n) + args.amount)
  }
  for (const event of named(events, 'EarningsForfeited')) {
    const earned = services.get(event.args.account)
    if (earned !== undefined) services.set(event.args.account, earned - forfeitedOf(events, event))
  }
  return services
}

type SlashFacts = Pick<Slash, 'account' | 'reason' | 'transactionHash'>

/** What the court punishes, in words. */
const FAULTS: Readonly<Record<Exclude<SlashFacts['reason']['name'], 'missedDuty' | 'unknown'>, string>> = {
  openingWithheld: 'kept back the opening of its submission',
  falseStep: 'committed to a state that training does not give',
  windowWithheld: 'did not give a drawn window to those who were drawn to read it',
  readingFee: 'paid half of what it cost to read a window that it had to give',
  falseScore: 'gave a score that its samples do not give',
  falsePass: 'claimed to have replayed a window that is false',
  falseAggregate: 'voted for an aggregate that the rule does not give',
  falseModel: 'voted for a model that the rule does not give',
  updateUnavailable: 'scored an update that nobody can get, and did not say where it is',
  twoStatements: 'signed two values for one slot',
  silentJuror: 'did not reveal its vote as a juror',
  wrongJuror: 'reported another value as a juror than the last panel',
}

/** Why an account was slashed, in words. */
export function slashText(events: RoundsEvents, slash: SlashFacts): string {
  const { reason } = slash
  switch (reason.name) {
    case 'missedDuty':
      return missedDutyText(events, slash)
    case 'unknown':
      return `"${reason.text}", a reason that this version does not know`
    default:
      return FAULTS[reason.name]
  }
}

/** The details stand in `DutyMissed` of the same transaction. */
function missedDutyText(events: RoundsEvents, { account, transactionHash }: SlashFacts): string {
  const missed = named(events, 'DutyMissed').find(
    (event) => event.args.validator === account && event.transactionHash === transactionHash,
  )
  if (missed === undefined) return 'missed its duty'
  const { round, slashBps } = missed.args
  return `missed its duty in round ${round} (${Number(slashBps) / 100} % of its reserve)`
}

/**
 * The task's money by its books, checked against the token's own balances. Credited pay counts as paid, whether it was collected and
 * claimed or not.
 * @throws Error when a contract holds less than its books say
 */
export async function readFunds(
  reader: AssayReader,
  taskId: bigint,
  rewardToken: Address,
): Promise<FundsReport> {
  const { chain, deployment } = reader
  const { tasks, rounds } = deployment.contracts
  const books = await readTaskFunds(reader, { taskId })
  const collections = await chain.getContractEvents({
    address: rounds,
    abi: iRoundsAbi,
    eventName: 'Collected',
    args: { taskId },
    strict: true,
    fromBlock: BigInt(deployment.startBlock),
  })
  const returns = await chain.getContractEvents({
    address: rounds,
    abi: iRoundsAbi,
    eventName: 'ForfeitedReturned',
    args: { taskId },
    strict: true,
    fromBlock: BigInt(deployment.startBlock),
  })
  // What verdicts took went to the purse, and back to the escrow.
  const collected = sumOf(collections) - sumOf(returns)
  const uncollected = books.credited - collected
  const booked = books.available + books.reserved
  for (const [holder, owed] of [
    [tasks, booked],
    [rounds, books.purse],
  ] as const) {
    const balance = await chain.readContract({
      address: rewardToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [holder],
    })
    if (balance < owed) throw new Error(`${holder} holds ${balance} wei, but the books say ${owed}.`)
  }
  return {
    funded: String(books.funded),
    paid: String(books.credited - books.forfeited),
    refunded: String(books.refunded),
    remaining: String(booked - uncollected + books.forfeited),
    reserved: String(books.reserved - uncollected),
  }
}

function sumOf(events: readonly { args: { amount: bigint } }[]): bigint {
  return events.reduce((sum, { args }) => sum + args.amount, 0n)
}

/** Gas of all transactions from one block to another, both included. */
export async function gasBetween({ chain }: AssayReader, from: bigint, to: bigint): Promise<number> {
  let gas = 0n
  for (let blockNumber = from; blockNumber <= to; blockNumber++)
    gas += (await chain.getBlock({ blockNumber })).gasUsed
  return Number(gas)
}
