import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { cohortSeats, rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { decayedSum, uptimeBps } from '@assay/sdk/protocol/reputation.ts'
import { unpackResult } from '@assay/sdk/protocol/results.ts'
import { earlyBonusBps, validatorPay } from '@assay/sdk/protocol/reward-formula.ts'
import { isAudited } from '@assay/sdk/protocol/sampling.ts'
import {
  GATE_FAILED,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
  unpackEntry,
} from '@assay/sdk/protocol/score-words.ts'
import {
  judgeMember,
  NEWCOMER,
  type PayInputs,
  type Standing,
  settleMember,
  type Verdict,
} from '@assay/sdk/protocol/settlement.ts'
import { expect } from 'chai'
import { type Address, type Hex, numberToHex, parseEventLogs, zeroHash } from 'viem'
import {
  playRound,
  type Script,
  type Sealed,
  type Sheet,
  type Subject,
} from '../../benchmarks/gas/play-round.ts'
import { read, type Stage, setStage, TASK_ID } from '../../benchmarks/gas/stage.ts'

/**
 * Whole rounds on the real contracts, with seats that disagree, report failed gates and misses, and stay silent. Every result, record,
 * held amount and pay is computed a second time in TypeScript and must be equal to the wei.
 */
const ROUNDS = 4
const CONTRIBUTORS = 40

type Service = { dutySum: number; doneSum: number; dutyTotal: number }
type Books = {
  standings: Map<Address, Standing>
  services: Map<Address, Service>
  credited: Map<Address, bigint>
  /** Verdicts of the last settled round, by contributor. */
  verdicts: Map<Address, Verdict>
}

describe('Full rounds against a second computation', () => {
  let stage: Stage
  const books: Books = { standings: new Map(), services: new Map(), credited: new Map(), verdicts: new Map() }

  before(async () => {
    const seed = deriveSeed(zeroHash, 'full round')
    stage = await setStage({ seed, contributorCount: CONTRIBUTORS, validatorCount: 11, committeeSize: 5 })
    for (const { address } of stage.contributors) books.standings.set(address, NEWCOMER)
    for (const { address } of stage.validators)
      books.services.set(address, { dutySum: 0, doneSum: 0, dutyTotal: 0 })
  })

  for (let round = 1; round <= ROUNDS; round++) {
    it(`pays round ${round} to the wei of a second computation (attack 31)`, async () => {
      const since = await blockNumber(stage)
      const played = await playRound(stage, quarrelsome(stage))
      await expectSettled(stage, books, played, round, since)
      await expectValidatorsPaid(stage, books, played)
      await expectRecords(stage, books)
      await expectBooks(stage, books)
    })
  }

  it('met every outcome', () => {
    expect([...seenOutcomes].sort()).to.deep.equal(['audited', 'failed', 'taskFault', 'unaudited'])
  })
})

const seenOutcomes = new Set<string>()

/** One validator is silent in each round; the others mostly agree, and sometimes don't. */
function quarrelsome(stage: Stage): Script {
  return {
    isSilent: (validator, round) => isSilent(stage, validator, round),
    entryOf: (subject) => {
      const shared = deriveSeed(subject.seed, 'mood', BigInt(subject.round), BigInt(subject.contributor))
      const own = deriveSeed(shared, 'seat', BigInt(subject.seat))
      return drawUint(own, 0, 8) === 0 ? contraryEntry(own, subject) : sharedEntry(shared, own, subject)
    },
  }
}

function isSilent(stage: Stage, validator: Address, round: number): boolean {
  return validator === stage.validators[round]?.address
}

/** What most seats say of an update: audited, not audited, or a failed gate. */
function sharedEntry(shared: Hash, own: Hash, { windows }: Subject): ScoreEntry {
  const mood = drawUint(shared, 0, 10)
  if (mood === 0) return scoreEntry({ quality: drawUint(shared, 3, 3) === 0 ? TASK_FAULT : GATE_FAILED })
  if (mood <= 3) return scoreEntry({ quality: NOT_AUDITED })
  if (mood === 5) return scoreEntry({ quality: NO_DECISION, windows })
  // One audited update in seven is worth nothing.
  const quality = mood === 4 ? 0 : 4_000 + drawUint(shared, 1, 5_000) + drawUint(own, 1, 1_000)
  return scoreEntry({
    quality,
    rarity: drawUint(shared, 2, 19_000) + drawUint(own, 2, 1_001),
    // Every fifth contributor shows nothing.
    ...(drawUint(shared, 4, 5) === 0 ? { windows: 0, withheld: 3 } : { windows }),
  })
}

/** What a seat says that disagrees, within the limits of a sheet. */
function contraryEntry(own: Hash, { windows }: Subject): ScoreEntry {
  const kind = drawUint(own, 3, 5)
  if (kind === 0) return scoreEntry({ quality: GATE_FAILED })
  if (kind === 1) return scoreEntry({ quality: NOT_AUDITED })
  if (kind === 2)
    return scoreEntry({
      quality: drawUint(own, 4, 10_001),
      rarity: drawUint(own, 5, 20_001),
      windows: MISSED,
    })
  if (kind === 3) return scoreEntry({ quality: NO_DECISION, windows })
  return scoreEntry({
    quality: drawUint(own, 4, 10_001),
    rarity: drawUint(own, 5, 20_001),
    windows: Math.max(windows - 1, 0),
    withheld: drawUint(own, 6, 4),
  })
}

type Played = { sealed: Sealed; sheets: Sheet[] }

/** Recomputes each cohort from the sheets, compares with the words in the events, and updates the books. */
async function expectSettled(stage: Stage, books: Books, played: Played, round: number, since: bigint) {
  const events = parseEventLogs({
    abi: iRoundsAbi,
    eventName: 'CohortSettled',
    logs: await logsSince(stage, since),
  })
  expect(events.length).to.equal(played.sealed.cohorts.length)
  for (const { args } of events) {
    const members = played.sealed.cohorts[args.cohort] ?? []
    expect(args.results.length).to.equal(members.length)
    for (const [j, { address }] of members.entries()) {
      const before = books.standings.get(address) ?? NEWCOMER
      const named = isAudited({ beacon: played.sealed.beacon, contributor: address, ...before })
      const verdict = verdictOn(stage, played, { cohort: args.cohort, member: j, named, before })
      const settled = settleMember(verdict, before, await inputsOf(stage, address, round))
      expect(unpackResult(args.results[j] ?? 0n), `cohort ${args.cohort}, member ${j}`).to.deep.equal(
        settled.result,
      )
      books.standings.set(address, settled.standing)
      books.verdicts.set(address, verdict)
      books.credited.set(address, (books.credited.get(address) ?? 0n) + settled.credited)
      seenOutcomes.add(verdict.outcome)
    }
  }
}

function verdictOn(
  stage: Stage,
  played: Played,
  { cohort, member, named, before }: { cohort: number; member: number; named: boolean; before: Standing },
): Verdict {
  const findings = seatsOf(stage, played, cohort).flatMap(({ seat, sheet }) => {
    if (sheet === undefined) return []
    const word = sheet.words[2 * sheet.cohorts.indexOf(cohort) + (member < 8 ? 0 : 1)] ?? 0n
    const entry = unpackEntry(Number((word >> BigInt(32 * (member % 8))) & 0xffff_ffffn))
    return [{ seat, entry }]
  })
  const { committeeSize, replayWindows: windows } = stage
  return judgeMember(findings, { committeeSize, windows, named }, before)
}

/** The seats of a cohort with the sheets of those that revealed. */
function seatsOf(stage: Stage, { sealed, sheets }: Played, cohort: number) {
  const seats = cohortSeats({ ...sealed, committeeSize: stage.committeeSize, cohort, attempt: 0 })
  return seats.map((index, seat) => {
    const validator = validatorAt(stage, index)
    return { seat, validator, sheet: sheets.find((sheet) => sheet.validator.address === validator) }
  })
}

/** Places are given in the order of joining. */
function validatorAt(stage: Stage, index: number): Address {
  const validator = stage.validators[index]
  if (validator === undefined) throw new Error(`Nobody has index ${index}`)
  return validator.address
}

async function inputsOf(stage: Stage, contributor: Address, round: number): Promise<PayInputs> {
  const [params, { dataUnits }] = await Promise.all([
    read(stage, 'tasks', 'paramsOf', [TASK_ID]),
    read(stage, 'lens', 'participantOf', [TASK_ID, contributor]),
  ])
  return {
    priceCompute: params.priceCompute,
    computeUnits: params.computeUnitsPerRound,
    priceData: params.priceData,
    dataUnits,
    earlyBonusBps: earlyBonusBps(params.earlyBonusBps, params.earlyBonusRounds, round),
    windows: params.replayWindows,
    isLastRound: round === params.maxRounds,
  }
}

/** Recomputes duties, uptime and pay of every validator. */
async function expectValidatorsPaid(stage: Stage, books: Books, played: Played) {
  const { priceValidation } = await read(stage, 'tasks', 'paramsOf', [TASK_ID])
  const root = rootSeats({ ...played.sealed, committeeSize: stage.committeeSize })
  for (const [index, { address }] of stage.validators.entries()) {
    const tally = tallyOf(stage, books, played, address)
    if (root.includes(index)) {
      tally.duties += 1
      tally.done += isSilent(stage, address, played.sealed.round) ? 0 : 1
    }
    if (tally.duties === 0) continue

    const before = books.services.get(address) ?? { dutySum: 0, doneSum: 0, dutyTotal: 0 }
    const service = {
      dutySum: decayedSum(before.dutySum, tally.duties),
      doneSum: decayedSum(before.doneSum, tally.done),
      dutyTotal: before.dutyTotal + tally.duties,
    }
    books.services.set(address, service)
    const uptime = uptimeBps(service.dutySum, service.doneSum, service.dutyTotal)
    const amount = tally.done < tally.duties ? 0n : validatorPay(priceValidation, tally.entries, uptime)
    books.credited.set(address, (books.credited.get(address) ?? 0n) + amount)

    const view = await read(stage, 'lens', 'validatorOf', [TASK_ID, address])
    const { dutySum, doneSum, dutyTotal, accurateEntries } = view
    expect({ dutySum, doneSum, dutyTotal }, address).to.deep.equal(service)
    expect(accurateEntries, address).to.equal(tally.entries)
  }
}

/** A validator's duties in all cohorts, and the entries on which it agreed with the outcome. */
function tallyOf(stage: Stage, books: Books, played: Played, validator: Address) {
  const tally = { duties: 0, done: 0, entries: 0 }
  for (const [cohort, members] of played.sealed.cohorts.entries()) {
    const seats = seatsOf(stage, played, cohort)
    const own = seats.find((seat) => seat.validator === validator)
    if (own === undefined) continue
    tally.duties += 1
    if (own.sheet === undefined) continue
    tally.done += 1
    const finding = seats.filter(({ sheet }) => sheet !== undefined).indexOf(own)
    for (const { address } of members) {
      if (books.verdicts.get(address)!.agrees[finding]) tally.entries += 1
    }
  }
  return tally
}

async function expectRecords(stage: Stage, books: Books) {
  for (const [address, standing] of books.standings) {
    const [view, earnings] = await Promise.all([
      read(stage, 'lens', 'participantOf', [TASK_ID, address]),
      read(stage, 'lens', 'earningsOf', [TASK_ID, address]),
    ])
    const { reputationBps, runningQualityBps, runningRarityBps, provenWindows, seen, judged, flagged } = view
    expect(
      {
        reputationBps,
        runningQualityBps,
        runningRarityBps,
        provenWindows,
        seen,
        judged,
        flagged,
        held: earnings.held,
        heldRounds: view.heldRounds.length,
      },
      address,
    ).to.deep.equal(standing)
  }
  for (const [address, credited] of books.credited) {
    const { matured, pending } = await read(stage, 'lens', 'earningsOf', [TASK_ID, address])
    expect(matured + pending, address).to.equal(credited)
  }
}

/** Sums over everybody are the contract's totals: the escrow keeps what is held, the purse has what was credited. */
async function expectBooks(stage: Stage, books: Books) {
  const [credited, held, enrolled, reputationSum] = await read(stage, 'lens', 'totalsOf', [TASK_ID])
  const standings = [...books.standings.values()]
  expect(credited).to.equal([...books.credited.values()].reduce((sum, wei) => sum + wei, 0n))
  expect(held).to.equal(standings.reduce((sum, standing) => sum + standing.held, 0n))
  expect(enrolled).to.equal(BigInt(CONTRIBUTORS))
  expect(reputationSum).to.equal(BigInt(standings.reduce((sum, { reputationBps }) => sum + reputationBps, 0)))

  const funds = await read(stage, 'tasks', 'fundsOf', [TASK_ID])
  expect(funds.reserved).to.equal(held)
  expect(await read(stage, 'lens', 'purseOf', [TASK_ID])).to.equal(credited)
  expect(funds.funded).to.equal(funds.available + funds.reserved + funds.refunded + credited)
}

async function blockNumber(stage: Stage): Promise<bigint> {
  return BigInt((await stage.request('eth_blockNumber', [])) as Hex)
}

async function logsSince(stage: Stage, block: bigint) {
  const filter = { address: stage.addresses.rounds, fromBlock: numberToHex(block + 1n), toBlock: 'latest' }
  return (await stage.request('eth_getLogs', [filter])) as Parameters<typeof parseEventLogs>[0]['logs']
}
