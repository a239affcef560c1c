import { voteOf } from '@assay/sdk/protocol/commitments.ts'
import {
  type EntryReason,
  entryReason,
  failedEntry,
  unauditedEntry,
} from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { MAX_QUALITY, type ScoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { inTimeFor } from './deadlines.ts'
import { type JudgedCohort, judgeCohorts, sheetOf } from './draw-up.ts'
import type { SheetDuty } from './duties.ts'
import type { OracleContext } from './oracle-context.ts'
import type { RoundFacts } from './round-facts.ts'
import type { Sheet } from './sheet.ts'
import { restoreSheet } from './sign-once.ts'
import { type Measured, scoresOf } from './verify/quality.ts'

/** Most members of one cohort that may have been found otherwise when the lost sheet was drawn up. */
const MOST_OTHERWISE = 2
/** What an entry may say without a look at windows or at help: all updates are looked at so far. */
const WITHOUT_AUDIT: ReadonlySet<EntryReason> = new Set(['notDrawn', 'S0', 'S1', 'S2'])

/**
 * The sheet that this validator committed to, if the database that held it was lost or is older than it. Its salt
 * follows from the key, and its entries from chain and store, so it is drawn up again; the digest on chain tells
 * whether it is the same. Only then it is kept: nothing else could be revealed, and nothing else is ever signed.
 *
 * @param committed the low 224 bits of the digest on chain
 * @returns undefined if the store shows something else now than it did then
 * @throws like {@link judgeCohorts}, before the last call
 */
export async function sheetAgain(
  context: OracleContext,
  facts: RoundFacts,
  duty: SheetDuty,
  committed: bigint,
): Promise<Sheet | undefined> {
  const { attempt } = duty
  const { round } = facts
  const judged = await inTimeFor(duty, context.signal, (deadline) =>
    judgeCohorts(context, facts, duty, deadline),
  )
  const { measured } = context.progress.notesOn({ ...facts, attempt })
  for (const variant of variantsOf(judged, measured)) {
    const sheet = sheetOf(context, facts, attempt, variant)
    if (voteOf(sheet.digest) !== committed) continue
    context.log.info({ round, attempt }, 'the sheet committed to was not on record: it is drawn up again')
    return restoreSheet(context.db, sheet, committed)
  }
  if (context.told.isNews(`lost sheet ${round}/${attempt}`, `${committed}`))
    context.log.error(
      { round, attempt },
      'this account committed to a sheet that is not on record, and drawn up again it is another one: the store shows something else now, or another program with this key committed to it. It can be revealed only with the database that it was made with: restore that, and stop the other program',
    )
  return undefined
}

/**
 * What may have been committed to: what is found now; then the same, but that a store or the engine was out of reach then, for
 * all members or for those drawn, in each cohort or in one; or that a few members of one cohort could not be looked at, had not
 * been opened, or were copies of updates that only the lost database knew. Trying these is sound: whatever has the digest on
 * chain is what was committed to, since nobody without the key knows the salt.
 */
export function* variantsOf(
  judged: readonly JudgedCohort[],
  measured: ReadonlyMap<Hash, Measured>,
): Generator<readonly JudgedCohort[]> {
  yield judged
  const left = unauditedEntry('notLookedAt')
  const noneSeen = (one: JudgedCohort) => ({ ...one, entries: one.entries.map(() => left) })
  const noneAudited = (one: JudgedCohort) => ({
    ...one,
    entries: one.entries.map((entry) => (WITHOUT_AUDIT.has(entryReason(entry)) ? entry : left)),
  })
  yield judged.map(noneSeen)
  yield judged.map(noneAudited)
  for (const [at, one] of judged.entries()) {
    yield judged.with(at, noneSeen(one))
    yield judged.with(at, noneAudited(one))
    for (const otherwise of changesOf(one.members.length))
      yield judged.with(at, { ...one, entries: entriesWith(one, otherwise, measured) })
  }
}

type Change = { position: number; entry: ScoreEntry }

function* changesOf(size: number, from = 0, most = MOST_OTHERWISE): Generator<Change[]> {
  for (let position = from; position < size; position++)
    for (const entry of [unauditedEntry('notLookedAt'), failedEntry('S0'), failedEntry('S2')]) {
      const change = { position, entry }
      yield [change]
      if (most > 1) for (const more of changesOf(size, position + 1, most - 1)) yield [change, ...more]
    }
}

/** A cohort's entries with some changed. The others share the rarity among themselves, as they would have then. */
function entriesWith(
  { members, entries }: JudgedCohort,
  changes: readonly Change[],
  measured: ReadonlyMap<Hash, Measured>,
): ScoreEntry[] {
  const changed = entries.map((entry, j) => changes.find(({ position }) => position === j)?.entry ?? entry)
  const isScored = ({ quality }: ScoreEntry) => quality <= MAX_QUALITY
  const scores = scoresOf(
    members.map(({ commitment }, j) => (isScored(changed[j]!) ? measured.get(commitment) : undefined)),
  )
  return changed.map((entry, j) => {
    const rarity = scores[j]?.rarityBps
    return rarity === undefined || entry.quality === 0 ? entry : { ...entry, rarity }
  })
}
