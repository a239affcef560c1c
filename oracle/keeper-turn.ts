import type { Block } from '@assay/daemon/clock.ts'
import type { Phase } from '@assay/sdk/protocol/phases.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { readBids } from '@assay/sdk/verbs/rounds/read-bids.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { isKeepersTurn, keeperRank } from './keeper-rank.ts'
import { DEFAULT_KEEPER_STAGGER_SECONDS } from './oracle-config.ts'
import type { OracleContext } from './oracle-context.ts'

/** Who takes turns: the places of all, and this validator's own, if it has one. */
type Roster = { indices: number[]; rosterIndex: number | undefined }

/** What a turn is about, and since when it is due, in unix seconds; undefined if that isn't known. */
type Turn = { seed: Hash; round: number; phase: Phase; dueAt: number | undefined }

/** Whether it is this validator's turn to make a call that anyone can make, but one is enough to make. */
export function isTurnOf(
  { config }: Pick<OracleContext, 'config'>,
  { indices, rosterIndex }: Roster,
  { dueAt, ...drawn }: Turn,
  block: Block,
): boolean {
  const rank = keeperRank({ ...drawn, indices, rosterIndex })
  if (rank === undefined) return false
  return isKeepersTurn({
    rank,
    ranks: indices.length,
    dueAt,
    timestamp: Number(block.timestamp),
    blockNumber: block.number,
    staggerSeconds: config.keeperStaggerSeconds ?? DEFAULT_KEEPER_STAGGER_SECONDS,
  })
}

/** The validators of the open round. */
export async function frozenRoster({ reader, config, account }: OracleContext): Promise<Roster> {
  const { validators, weights } = await readRoster(reader, { taskId: config.taskId })
  const indices = validators.flatMap((place, i) => (place !== undefined && (weights[i] ?? 0) > 0 ? [i] : []))
  const own = validators.findIndex((place) => place?.toLowerCase() === account.address.toLowerCase())
  return { indices, rosterIndex: own < 0 ? undefined : own }
}

/** The validators in the next round's draws, and the candidates for its roster: those whose bids have weight. */
export async function liveRoster({ reader, config, account }: OracleContext): Promise<Roster> {
  const bids = await readBids(reader, { taskId: config.taskId })
  const live = bids.flatMap((bid) =>
    bid !== undefined && bid.weight > 0 ? [bid.validator.toLowerCase()] : [],
  )
  // Their places in the roster are fixed only when the round starts, so they are ordered by address.
  const own = live.sort().indexOf(account.address.toLowerCase())
  return { indices: live.map((_, i) => i), rosterIndex: own < 0 ? undefined : own }
}
