/**
 * The bars of withheld windows: what skipping and hiding costs a cheat, what false words cost an honest contributor, and that the
 * truth costs its seat nothing. Exact expectations over what the protocol's own functions make of each committee's words.
 */
import { MIN_REPUTATION_BPS } from '@assay/sdk/protocol/reputation.ts'
import { auditProbabilityBps } from '@assay/sdk/protocol/sampling.ts'
import {
  GATE_FAILED,
  MISSED,
  NO_DECISION,
  NOT_AUDITED,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
  WITHHELD_BY_DISTANCE,
} from '@assay/sdk/protocol/score-words.ts'
import { judgeMember, NEWCOMER, type Verdict } from '@assay/sdk/protocol/settlement.ts'
import {
  type Audit,
  binomial,
  bits,
  builtRule,
  expectedPay,
  hypergeometric,
  lossPerSkipped,
  type Season,
  steadyWindows,
} from './withholding-model.ts'

/** One bar, with the value that decides it. */
export type Bar = { holds: boolean; sentence: string }

const LEAST_LOSS = 1.1
const MOST_HONEST_LOSS = 0.03
/** Windows of a round, and those drawn of it. */
const [TOTAL, DRAWN] = [10, 6]
const QUALITY = 8_000
const CHANCES = [1, 0.5, 0.2, 0.1, 0.05]
const ROUNDS = [1, 2, 5, 10, 20, 40, 100]
const SKIPPED = [1, 2, 3, 4, 5, 6]
/** Seats of a committee, validators with the same stake, and those of them that are hostile: a fifth. */
const COMMITTEES = [3, 5, 7, 9, 11, 13, 15].flatMap((seats) =>
  [10, 20, 40, 64].flatMap((validators) =>
    validators < 2 * seats + 1 ? [] : [{ seats, validators, hostile: Math.round(validators / 5) }],
  ),
)

/** Everything that `npm run campaign` holds the rule for withheld windows to. */
export function withholdingBars(): Bar[] {
  return [skippingLoses(), falseWordsCostLittle(), theTruthIsPaid()]
}

function skippingLoses(): Bar {
  const losses = [3, 5, 7, 9, 11, 13, 15].flatMap((seats) => {
    const plays = seasons()
    return SKIPPED.flatMap((skipped) => {
      const audits = cheatAudits(seats, skipped)
      return plays.map((season) =>
        lossPerSkipped(builtRule(DRAWN), season, { total: TOTAL, skipped }, audits),
      )
    })
  })
  const least = Math.min(...losses)
  return {
    holds: least >= LEAST_LOSS,
    sentence: `who skips and hides 1 to 6 of ${TOTAL} windows loses at least ${least.toFixed(3)} of the pay for them, at least ${LEAST_LOSS}: 3 to 15 seats, audits from 1 to 0.05`,
  }
}

/** Contributors with a long past, and ones that enrol now: audits of newcomers grow fewer. */
function seasons(): Season[] {
  const newcomer = (round: number) => auditProbabilityBps(MIN_REPUTATION_BPS, round - 1, false) / 10_000
  return CHANCES.flatMap((chance) =>
    ROUNDS.flatMap((rounds) => [
      { rounds, start: steadyWindows(DRAWN), auditChance: () => chance },
      {
        rounds,
        start: 0,
        auditChance: (round: number) => (round <= 10 ? Math.max(chance, newcomer(round)) : chance),
      },
    ]),
  )
}

/** Audits of an update of which some windows were never trained and are hidden, by honest seats. */
function cheatAudits(seats: number, skipped: number): Audit[] {
  const audits = new Map<string, Audit>()
  for (let hidden = 0; hidden < 2 ** DRAWN; hidden++) {
    const count = bits(hidden)
    const chance = hypergeometric(TOTAL, skipped, DRAWN, count) / binomial(DRAWN, count)
    if (chance > 0)
      add(
        audits,
        chance,
        verdictOf(seats, (seat) => truth(seats, seat, hidden)),
      )
  }
  return [...audits.values()]
}

function falseWordsCostLittle(): Bar {
  const losses = COMMITTEES.flatMap(({ seats, validators, hostile }) => {
    const [quiet, loud] = [0, 3].map((withheld) => {
      const audits = new Map<string, Audit>()
      for (let set = 0; set < 2 ** seats; set++) {
        const count = bits(set)
        const chance = hypergeometric(validators, hostile, seats, count) / binomial(seats, count)
        const entry = scoreEntry({ quality: QUALITY, withheld })
        const say = (seat: number) => ((set >> seat) & 1 ? entry : truth(seats, seat, 0))
        if (chance > 0) add(audits, chance, verdictOf(seats, say))
      }
      return [...audits.values()]
    })
    return CHANCES.map((chance) => {
      const play = { rounds: 200, start: steadyWindows(DRAWN), auditChance: () => chance }
      const [none, some] = [quiet!, loud!].map((audits) => expectedPay(builtRule(DRAWN), { ...play, audits }))
      return (none! - some!) / none!
    })
  })
  const most = Math.max(...losses)
  return {
    holds: most <= MOST_HONEST_LOSS,
    sentence: `false words of seats with a fifth of the weight cost an honest contributor at most ${(100 * most).toFixed(2)} % of its pay for compute, at most ${100 * MOST_HONEST_LOSS} %`,
  }
}

/** What hostile seats may say, whatever is true. */
const LIES: ScoreEntry[] = [
  scoreEntry({ quality: QUALITY, withheld: 3 }),
  scoreEntry({ quality: 0, windows: 2 }),
  scoreEntry({ quality: GATE_FAILED }),
  scoreEntry({ quality: QUALITY, windows: MISSED }),
  scoreEntry({ quality: NOT_AUDITED }),
  scoreEntry({ quality: TASK_FAULT }),
  scoreEntry({ quality: NO_DECISION, withheld: 3 }),
]

function theTruthIsPaid(): Bar {
  let [cases, unpaid] = [0, 0]
  for (const seats of [3, 5, 7])
    for (let hidden = 0; hidden < 2 ** DRAWN; hidden++)
      for (let set = 0; set < 2 ** seats; set++) {
        if (2 * bits(set) >= seats) continue
        for (const lie of LIES) {
          const isHostile = (seat: number) => ((set >> seat) & 1) === 1
          const { agrees } = verdictOf(seats, (seat) => (isHostile(seat) ? lie : truth(seats, seat, hidden)))
          cases++
          if (agrees.some((isPaid, seat) => !isPaid && !isHostile(seat))) unpaid++
        }
      }
  return {
    holds: unpaid === 0,
    sentence: `who says the truth about windows is paid whenever most of its committee is honest: ${unpaid} of ${cases} cases were not`,
  }
}

/** What an honest seat says of an update of which these drawn windows are hidden from everybody. */
function truth(seats: number, seat: number, hidden: number): ScoreEntry {
  const replayed = countOf(seats, seat, ~hidden)
  const hasNothing = replayed === 0 && countOf(seats, seat, hidden) > 0
  const says = (distance: 1 | 2) =>
    countOf(seats, (seat - distance + seats) % seats, hidden) > 0 ? WITHHELD_BY_DISTANCE[distance] : 0
  return scoreEntry({ quality: hasNothing ? 0 : QUALITY, windows: replayed, withheld: says(1) + says(2) })
}

/** How many of the drawn windows in a set are a seat's. */
function countOf(seats: number, seat: number, set: number): number {
  let count = 0
  for (let i = seat; i < DRAWN; i += seats) count += (set >> i) & 1
  return count
}

function verdictOf(seats: number, say: (seat: number) => ScoreEntry): Verdict {
  const findings = Array.from({ length: seats }, (_, seat) => ({ seat, entry: say(seat) }))
  return judgeMember(findings, { committeeSize: seats, windows: DRAWN, named: true }, NEWCOMER)
}

function add(audits: Map<string, Audit>, chance: number, verdict: Verdict): void {
  const { addedWindows: proven, withheldWindows: withheld, qualityBps } = verdict
  const hasQuality = qualityBps > 0
  const key = `${proven} ${withheld} ${hasQuality}`
  const before = audits.get(key)?.chance ?? 0
  audits.set(key, { chance: before + chance, proven, withheld, hasQuality })
}
