/** A cohort's committee: what its seats say of the members, by the oracle's own stages. */
import type { Attempt } from '@assay/oracle/duties.ts'
import { needsRedraw } from '@assay/oracle/duties.ts'
import type { Member, RoundFacts } from '@assay/oracle/round-facts.ts'
import { entryOf } from '@assay/oracle/sheet.ts'
import { verifyCohort } from '@assay/oracle/verify/verify-cohort.ts'
import { cohortSeats } from '@assay/sdk/protocol/cohorts.ts'
import {
  accusedValue,
  isComputed,
  packEntry,
  packSheet,
  type ScoreEntry,
  unpackSheet,
} from '@assay/sdk/protocol/score-words.ts'
import type { CpuMeter } from './cpu.ts'
import type { LabValidator } from './validator.ts'

/** A sheet that a seat revealed for a cohort. */
export type Revealed = { seat: number; validator: LabValidator; entries: ScoreEntry[] }

/** No phase ends in the lab. */
export const NO_DEADLINE = { signal: new AbortController().signal, msLeft: () => 2 ** 31 - 1 }

/** A cohort before its committee. */
export type Hearing = {
  facts: RoundFacts
  cohort: number
  members: readonly Member[]
  validators: readonly LabValidator[]
  verification: CpuMeter
  /** Called with a committee, by seat, before it looks at anything. */
  show: (committee: readonly LabValidator[]) => Promise<void>
}

/**
 * The sheets that count, in the order of seats: those of the first committee, or of a second one if too few of the first revealed.
 * Undefined if too few of both did: the cohort is void.
 */
export async function hear(hearing: Hearing): Promise<Revealed[] | undefined> {
  const { committeeSize } = hearing.facts
  for (const attempt of [0, 1] as const) {
    const revealed = await revealedBy(hearing, attempt)
    if (!needsRedraw({ attempt: 0, revealed: revealed.length, settled: false }, committeeSize))
      return revealed
  }
  return undefined
}

async function revealedBy(hearing: Hearing, attempt: Attempt): Promise<Revealed[]> {
  const { facts, cohort, members, validators, show } = hearing
  const committee = cohortSeats({ ...facts, cohort, attempt }).map((index) => validators[index]!)
  await show(committee)
  const revealed: Revealed[] = []
  for (const [seat, validator] of committee.entries()) {
    validator.drawn += members.length
    if (validator.behaviour.silent) continue
    const entries = await entriesOf(hearing, { validator, seat, attempt })
    // A sheet keeps less than an entry says.
    revealed.push({ seat, validator, entries: unpackSheet(packSheet(entries), entries.length) })
  }
  return revealed
}

async function entriesOf(
  hearing: Hearing,
  place: { validator: LabValidator; seat: number; attempt: Attempt },
): Promise<ScoreEntry[]> {
  const { facts, cohort, members, verification } = hearing
  const { validator } = place
  const honest = () => verification.during(() => honestEntries(hearing, place))
  const { fillSheet } = validator.behaviour
  if (fillSheet === undefined) return honest()
  const said = await fillSheet({ round: facts.round, cohort, size: members.length, honest })
  countFalse(validator, said, await honestEntries(hearing, place))
  return said
}

async function honestEntries(
  { facts, cohort, members }: Hearing,
  { validator, seat, attempt }: { validator: LabValidator; seat: number; attempt: Attempt },
): Promise<ScoreEntry[]> {
  const { context, progress } = validator
  const notes = progress.notesOn({ ...facts, attempt })
  const task = {
    facts,
    attempt,
    seat: { cohort, seat },
    members,
    notes,
    lastCall: true,
    deadline: NO_DEADLINE,
  }
  return (await verifyCohort(context, task)).map(entryOf)
}

/** What a juror or a colleague would find who computes the entries again. */
function countFalse(
  validator: LabValidator,
  said: readonly ScoreEntry[],
  honest: readonly ScoreEntry[],
): void {
  for (const [i, entry] of said.entries()) {
    const [one, other] = [packEntry(entry), packEntry(honest[i]!)]
    if (!isComputed(one)) continue
    validator.computed += 1
    if (accusedValue(one) !== accusedValue(other)) validator.falseOnes += 1
  }
}
