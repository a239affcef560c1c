/**
 * What a contributor earns that trains only some of its rounds, by the contracts' own rules. See docs/decisions/0018-held-pay-where-no-audit-decides.md.
 */
import { replayAssignments } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import { earlyBonusBps } from '@assay/sdk/protocol/reward-formula.ts'
import { auditProbabilityBps } from '@assay/sdk/protocol/sampling.ts'
import { NEWCOMER, type Standing, settleMember, type Verdict } from '@assay/sdk/protocol/settlement.ts'
import { seededRng } from './rng.ts'

const CONTRIBUTOR = `0x${'c0'.repeat(20)}` as const
/** Windows of a round, and those drawn of an audited update. */
const WINDOWS = 20
/** Reward wei of a term of the formula; large, so that rounding is nothing. */
const PRICE = 10n ** 15n

/** A way to work: whether to train in a round. Nobody knows the round's audits yet, but everybody knows which round is the last. */
export type Behaviour = (round: { number: number; isLast: boolean; random: () => number }) => boolean

export type Task = {
  rounds: number
  windowsDrawn: number
  /** Share of the pay that is for compute, 0…1. */
  computeShare: number
  /** Q and R of honest work, in bps. */
  qualityBps: number
  rarityBps: number
  /** Set for an audit of the last round that looks at that round alone, and releases all that is held. */
  isLastAuditBlind?: boolean
}

/** Earned reward wei, and the number of rounds that were trained. */
export type Earned = { pay: bigint; trained: number }

/**
 * Plays a task once with a behaviour. Junk is never shown, which costs least: the update has no quality then, but fails no gate.
 *
 * @param seed of its audits, of the windows that the last one draws, and of the behaviour's own choices
 */
export function playTask(task: Task, behaviour: Behaviour, seed: Hash): Earned {
  const rng = seededRng(seed, 'audits')
  const junk = new Set<number>()
  const held: number[] = []
  let standing: Standing = NEWCOMER
  let pay = 0n
  for (let number = 1; number <= task.rounds; number++) {
    const isLast = number === task.rounds
    const isTrained = behaviour({ number, isLast, random: rng.uniform })
    if (!isTrained) junk.add(number)
    const { reputationBps, seen, flagged } = standing
    const isAudited = isLast || rng.uniform() * 10_000 < auditProbabilityBps(reputationBps, seen, flagged)
    const beacon = deriveSeed(seed, 'beacon', BigInt(number))
    const isFinal = isLast && !task.isLastAuditBlind
    const verdict = isAudited
      ? auditOf(task, { beacon, isTrained, junk, heldRounds: isFinal ? held : [] })
      : UNAUDITED
    const settled = settleMember(verdict, standing, inputsOf(task, isFinal))
    standing = settled.standing
    pay += settled.credited
    if (!isAudited) held.push(number)
    else if (standing.held === 0n) held.length = 0
  }
  return { pay, trained: task.rounds - junk.size }
}

/** The verdict on an update that nobody audited. */
export const UNAUDITED: Verdict = {
  outcome: 'unaudited',
  qualityBps: 0,
  rarityBps: 0,
  addedWindows: 0,
  askedWindows: 0,
  withheldWindows: 0,
  isUndecided: false,
  agrees: [],
}

/** The verdict of honest seats. */
function auditOf(
  task: Task,
  update: { beacon: Hash; isTrained: boolean; junk: ReadonlySet<number>; heldRounds: readonly number[] },
): Verdict {
  const { beacon, isTrained, junk, heldRounds } = update
  const draw = { beacon, contributor: CONTRIBUTOR, totalWindows: WINDOWS, seatCount: 1, heldRounds }
  const drawn = replayAssignments({ ...draw, windowsDrawn: task.windowsDrawn })
  const missing = drawn.filter(({ heldRound }) =>
    heldRound === undefined ? !isTrained : junk.has(heldRound),
  )
  return {
    outcome: 'audited',
    qualityBps: isTrained ? task.qualityBps : 0,
    rarityBps: isTrained ? task.rarityBps : 0,
    addedWindows: drawn.length - missing.length,
    askedWindows: drawn.length,
    isUndecided: false,
    withheldWindows: missing.length,
    agrees: [],
  }
}

function inputsOf(task: Task, isLastRound: boolean) {
  const compute = BigInt(Math.round(task.computeShare * 1_000))
  // At ℓ = 0.8 and Q, R of honest work both terms weigh by their shares.
  const priceCompute = (PRICE * compute * 10_000n) / BigInt(8 * task.qualityBps)
  const priceData = (PRICE * (1_000n - compute) * 1_000n) / BigInt(task.rarityBps)
  return {
    priceCompute,
    computeUnits: 1,
    priceData,
    dataUnits: 1,
    earlyBonusBps: earlyBonusBps(10_000, 0, 1),
    windows: task.windowsDrawn,
    isLastRound,
  }
}

/** The mean of many tasks. */
export function playTasks(task: Task, behaviour: Behaviour, seed: Hash, times: number) {
  let pay = 0n
  let trained = 0
  for (let i = 0; i < times; i++) {
    const earned = playTask(task, behaviour, deriveSeed(seed, 'task', BigInt(i)))
    pay += earned.pay
    trained += earned.trained
  }
  return { pay: Number(pay / BigInt(times)) / 1e18, trained: trained / times }
}
