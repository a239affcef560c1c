/** What withheld windows cost, and what false words about them cost: exact expectations, no sampling. */
import { keptBps, MAX_PROVEN_WINDOWS, provenNext } from '@assay/sdk/protocol/reputation.ts'
import { provenFractionBps } from '@assay/sdk/protocol/reward-formula.ts'

const MOST = MAX_PROVEN_WINDOWS

/** A task's draw, and the rule that is tried. */
export type Rule = {
  /** Windows drawn of an audited update, W. */
  drawn: number
  /** Seats that look at a window: the one that replays it, and the next ones. All of them must say "withheld". */
  readers: number
  /** What an audit with so many withheld windows leaves of the pay that it decides on, this round's and what is held. */
  keptShare: (withheld: number) => number
  /** m after an audit. */
  provenAfter: (m: number, audit: Pick<Audit, 'proven' | 'withheld'>) => number
}

/** What can happen in one audit: windows replayed, windows found withheld. Without quality nothing is paid or released. */
export type Audit = { chance: number; proven: number; withheld: number; hasQuality?: boolean }

/** A contributor's plan for a number of rounds, of which the last one is audited in any case. */
export type Play = {
  rounds: number
  auditChance: (round: number) => number
  audits: readonly Audit[]
  start: number
}

/** Expected compute pay of all rounds, in highest compute pays of one round. */
export function expectedPay(rule: Rule, { rounds, auditChance, audits, start }: Play): number {
  let chances = new Float64Array(MOST + 1)
  let held = new Float64Array(MOST + 1) // the expectation of held pay, by m
  chances[start] = 1
  let paid = 0
  for (let round = 1; round <= rounds; round++) {
    const p = round === rounds ? 1 : auditChance(round)
    const next = new Float64Array(MOST + 1)
    const nextHeld = new Float64Array(MOST + 1)
    for (let m = 0; m <= MOST; m++) {
      const chance = chances[m]!
      if (chance === 0) continue
      next[m]! += (1 - p) * chance
      nextHeld[m]! += (1 - p) * (held[m]! + chance * fraction(m))
      for (const audit of audits) {
        const after = rule.provenAfter(m, audit)
        next[after]! += p * audit.chance * chance
        if (audit.hasQuality === false) nextHeld[after]! += p * audit.chance * held[m]!
        else paid += p * audit.chance * rule.keptShare(audit.withheld) * (chance * fraction(after) + held[m]!)
      }
    }
    chances = next
    held = nextHeld
  }
  return paid
}

/** The rule of the contracts, by the protocol's own functions. */
export function builtRule(drawn: number): Rule {
  return {
    drawn,
    readers: 3,
    keptShare: (withheld) => keptBps(withheld, drawn) / 10_000,
    provenAfter: (m, { proven, withheld }) => provenNext(m, proven, withheld * drawn),
  }
}

/**
 * Another rule: a withheld window takes so many proven ones, and all of them together take this share of the pay that an audit
 * decides on.
 */
export function triedRule(rule: {
  drawn: number
  readers: number
  windowsLost: number
  shareLost: number
}): Rule {
  const { drawn, readers, windowsLost, shareLost } = rule
  return {
    drawn,
    readers,
    keptShare: (withheld) => Math.max(0, 1 - (shareLost * withheld) / drawn),
    provenAfter: (m, { proven, withheld }) => provenNext(m, proven, windowsLost * withheld),
  }
}

const fraction = (m: number) => provenFractionBps(m) / 10_000

/** Audits of a contributor that shows only the windows that it trained. All seats are honest. */
export function cheatAudits({ drawn }: Rule, total: number, skipped: number): Audit[] {
  const audits: Audit[] = []
  for (let withheld = 0; withheld <= Math.min(drawn, skipped); withheld++) {
    const chance = hypergeometric(total, skipped, drawn, withheld)
    if (chance > 0) audits.push({ chance, proven: drawn - withheld, withheld })
  }
  return audits
}

/**
 * Audits of an honest contributor, where hostile seats say "withheld" of all they are asked for. All validators have the same
 * weight. With `words` false, they only don't replay.
 */
export function honestAudits(
  { drawn, readers }: Rule,
  {
    seats,
    validators,
    hostile,
    words,
  }: { seats: number; validators: number; hostile: number; words: boolean },
): Audit[] {
  const byResult = new Map<string, Audit>()
  for (let set = 0; set < 2 ** seats; set++) {
    const count = bits(set)
    const chance = hypergeometric(validators, hostile, seats, count) / binomial(seats, count)
    if (!(chance > 0)) continue
    let [proven, withheld] = [0, 0]
    for (let window = 0; window < drawn; window++) {
      const isHostile = (offset: number) => ((set >> ((window + offset) % seats)) & 1) === 1
      if (!isHostile(0)) proven++
      else if (words && Array.from({ length: readers }, (_, i) => isHostile(i)).every(Boolean)) withheld++
    }
    const key = `${proven} ${withheld}`
    const before = byResult.get(key)?.chance ?? 0
    byResult.set(key, { chance: before + chance, proven, withheld })
  }
  return [...byResult.values()]
}

/** The m at which an honest contributor stays. */
export function steadyWindows(drawn: number): number {
  let m = 0
  for (let i = 0; i < 200; i++) m = Math.min(MOST, m - Math.ceil(m / 8) + drawn)
  return m
}

/** What plays have in common. */
export type Season = { rounds: number; auditChance: (round: number) => number; start: number }

/** What a contributor loses that skips a share of its windows in every round, in pays for the compute that it skipped. */
export function lossPerSkipped(
  rule: Rule,
  season: Season,
  { total, skipped }: { total: number; skipped: number },
  audits: readonly Audit[] = cheatAudits(rule, total, skipped),
): number {
  const honest = expectedPay(rule, { ...season, audits: [{ chance: 1, proven: rule.drawn, withheld: 0 }] })
  const cheat = expectedPay(rule, { ...season, audits })
  return (honest - cheat) / ((honest * skipped) / total)
}

/** Share of its pay for compute that an honest contributor loses by false words, beyond what hostile seats don't replay. */
export function honestLoss(
  rule: Rule,
  season: Season,
  committee: { seats: number; validators: number; hostile: number },
): number {
  const pay = (audits: Audit[]) => expectedPay(rule, { ...season, audits })
  const quiet = pay(honestAudits(rule, { ...committee, words: false }))
  const base = pay([{ chance: 1, proven: rule.drawn, withheld: 0 }])
  return (quiet - pay(honestAudits(rule, { ...committee, words: true }))) / base
}

/**
 * What the best plan of skipping gains over honesty, in highest compute pays of a round. The plan may depend on m and on the number
 * of rounds that pay is held of: who was audited just now has little to lose.
 *
 * @param saved what a skipped step saves, as a share of the pay for it
 */
export function bestGain(
  rule: Rule,
  { rounds, auditChance, start }: Season,
  { total, saved }: { total: number; saved: number },
): number {
  const plans = Array.from({ length: Math.floor(0.6 * total) + 1 }, (_, skipped) => ({
    gain: (saved * skipped) / total,
    audits: cheatAudits(rule, total, skipped),
  }))
  const width = rounds + 2
  const best = [plans, plans.slice(0, 1)].map((choices) => {
    let later = new Float64Array((MOST + 1) * width)
    for (let round = rounds; round >= 1; round--) {
      const p = round === rounds ? 1 : auditChance(round)
      const now = new Float64Array((MOST + 1) * width)
      for (let m = 0; m <= MOST; m++)
        for (let heldRounds = 0; heldRounds < round; heldRounds++) {
          const unaudited = (1 - p) * later[m * width + heldRounds + 1]!
          let most = Number.NEGATIVE_INFINITY
          for (const { gain, audits } of choices) {
            let value = gain * fraction(m) + unaudited
            for (const audit of audits) {
              const after = rule.provenAfter(m, audit)
              const pay = rule.keptShare(audit.withheld) * (fraction(after) + heldRounds * fraction(m))
              value += p * audit.chance * (pay + later[after * width]!)
            }
            most = Math.max(most, value)
          }
          now[m * width + heldRounds] = most
        }
      later = now
    }
    return later[start * width]!
  })
  return best[0]! - best[1]!
}

export function bits(set: number): number {
  let count = 0
  for (let rest = set; rest > 0; rest &= rest - 1) count++
  return count
}

export function binomial(n: number, k: number): number {
  if (k < 0 || k > n) return 0
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return result
}

export function hypergeometric(total: number, marked: number, drawn: number, k: number): number {
  return (binomial(marked, k) * binomial(total - marked, drawn - k)) / binomial(total, drawn)
}
