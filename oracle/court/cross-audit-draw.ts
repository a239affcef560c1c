import { deriveSeed, drawUint, type Hash } from '@assay/sdk/protocol/random.ts'
import { cohortBounds } from '@assay/sdk/protocol/sampling.ts'
import { entryAt, isComputed } from '@assay/sdk/protocol/score-words.ts'
import type { Reveal } from '@assay/sdk/verbs/rounds/read-reveals.ts'
import type { Address } from 'viem'

/** An entry of a colleague's sheet that can be computed again. */
export type AuditedEntry = { validator: Address; cohort: number; member: number; entry: number }

/**
 * The one entry of one colleague that an oracle computes again in a round. Anybody can draw it again. The salts of all reveals are in
 * it, so that nobody knew it while scores could still be chosen.
 *
 * @param round.submissions of the round
 * @param round.reveals all of it, in the order of the chain
 * @returns undefined when no colleague said anything that can be computed
 */
export function drawAudit(
  round: { beacon: Hash; submissions: number; reveals: readonly Reveal[] },
  auditor: Address,
): AuditedEntry | undefined {
  const entries = computedEntries(round)
  const isOther = ({ validator }: AuditedEntry) => validator.toLowerCase() !== auditor.toLowerCase()
  const colleagues = Map.groupBy(entries.filter(isOther), ({ validator }) => validator.toLowerCase())
  const all = [...colleagues.values()]
  if (all.length === 0) return undefined
  const salts = new Set(round.reveals.map(({ salt }) => salt))
  const seed = deriveSeed(round.beacon, 'cross-audit', BigInt(auditor), ...salts)
  const own = all[drawUint(seed, 0, all.length)]!
  return own[drawUint(seed, 1, own.length)]
}

function computedEntries(round: { submissions: number; reveals: readonly Reveal[] }): AuditedEntry[] {
  return round.reveals.flatMap(({ validator, cohort, sheet }) => {
    const { size } = cohortBounds(round.submissions, cohort)
    return Array.from({ length: size }, (_, member) => ({
      validator,
      cohort,
      member,
      entry: entryAt(sheet, member),
    })).filter(({ entry }) => isComputed(entry))
  })
}
