import type { CaseFacts } from '@assay/sdk/protocol/cases.ts'
import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE, cohortCount, ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { accusedValue } from '@assay/sdk/protocol/score-words.ts'
import type { Reveal } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import type { Address } from 'viem'
import { drawAudit } from './cross-audit-draw.ts'
import type { ClosedRound } from './recompute/closed-round.ts'

/** What somebody said in a round that is over, and that anybody can compute again. */
export type CheckedWord = Pick<CaseFacts, 'taskId' | 'round' | 'subject' | 'defendant' | 'accused'> & {
  kind: 'falseScore' | 'falseAggregate' | 'falseModel'
}

/** A vote on the aggregate of a cohort, or on the next model (`ROOT_COHORT`). */
export type CastVote = { validator: Address; cohort: number; hash: Hash }

/** What the chain has of a closed round. */
type Judged = Pick<ClosedRound, 'taskId' | 'round' | 'beacon' | 'baseModelHash'> & { submissions: number }

/** Most hashes that an oracle computes again in a round: the limit keeps the work from growing with the cohorts. */
const MOST_HASHES = 16

/** The one entry of a colleague that this oracle computes again ({@link drawAudit}), if there is one. */
export function entryToCheck(of: Judged, reveals: readonly Reveal[], auditor: Address): CheckedWord[] {
  const drawn = drawAudit({ ...of, reveals }, auditor)
  if (drawn === undefined) return []
  const { validator: defendant, cohort, member, entry } = drawn
  const { taskId, round } = of
  const subject = COHORT_SIZE * cohort + member
  return [{ kind: 'falseScore', taskId, round, subject, defendant, accused: accusedValue(entry) }]
}

/**
 * The hashes that this oracle computes again, each with the first who voted for it: all for the next model but the base model, all
 * of a cohort whose seats disagree, and those of one cohort that is drawn for this oracle. What it voted for itself it computed
 * already.
 *
 * @param votes of the round, in the order of the chain
 */
export function hashesToCheck(of: Judged, votes: readonly CastVote[], auditor: Address): CheckedWord[] {
  const own = auditor.toLowerCase()
  const ownVotes = votes.filter(({ validator }) => validator.toLowerCase() === own)
  const isOwn = (vote: CastVote) => ownVotes.some((one) => isSame(one, vote))
  const first = votes.filter((vote, at) => votes.findIndex((one) => isSame(one, vote)) === at)
  const seed = deriveSeed(of.beacon, 'audited cohort', BigInt(auditor))
  const drawn = of.submissions === 0 ? -1 : drawUint(seed, 0, cohortCount(of.submissions))
  const isLookedAt = ({ cohort, hash }: CastVote) => {
    if (cohort === ROOT_COHORT) return hash !== of.baseModelHash
    return cohort === drawn || first.some((one) => one.cohort === cohort && one.hash !== hash)
  }
  return first
    .filter((vote) => isLookedAt(vote) && !isOwn(vote))
    .sort((a, b) => b.cohort - a.cohort)
    .slice(0, MOST_HASHES)
    .map((vote) => wordOf(of, vote))
}

function isSame(a: CastVote, b: CastVote): boolean {
  return a.cohort === b.cohort && a.hash === b.hash
}

function wordOf({ taskId, round }: Judged, { validator, cohort, hash }: CastVote): CheckedWord {
  const kind = cohort === ROOT_COHORT ? 'falseModel' : 'falseAggregate'
  return { kind, taskId, round, subject: cohort, defendant: validator, accused: hash }
}
