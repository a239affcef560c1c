import { slicePool } from '@assay/engine/judge/pool-slice.ts'
import type { QualityCandidate } from '@assay/engine/judge/quality.ts'
import type { Dataset } from '@assay/engine/package/data.ts'
import type { State } from '@assay/engine/package/state.ts'
import type { Engine } from '@assay/engine/run/runner.ts'
import { failedEntry, undecidedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { personalSeed, rootSeed } from '@assay/sdk/protocol/sampling.ts'
import {
  accusedValue,
  MAX_QUALITY,
  packEntry,
  type ScoreEntry,
  scoreEntry,
  TASK_FAULT,
} from '@assay/sdk/protocol/score-words.ts'
import { type Address, keccak256, toHex } from 'viem'
import { type Measured, measureUpdate, referenceOrFault, scoresOf } from '../../verify/quality.ts'
import type { Computed } from './by-rule.ts'
import type { ShownUpdate } from './shown-update.ts'
import { noted, openTrail } from './witness.ts'

/** An entry of a seat's sheet, and all that its value follows from. */
export type ScoreCharge = {
  engine: Engine
  base: State
  /** The whole held-out pool that judged the round. */
  pool: Dataset
  /** Whose draws count: those of the seat that is accused. */
  draw: { taskId: bigint; round: number; beacon: Hash; validator: Address }
  /** The seat's own entries about the cohort: they say who shares in rarity. */
  entries: readonly ScoreEntry[]
  /** Position in the cohort of the entry that is accused. */
  member: number
  contributors: readonly Address[]
  /** Updates that the value takes, by position: see {@link updatesNeeded}. */
  shown: readonly (ShownUpdate | undefined)[]
}

/**
 * Positions of the updates that an entry's value takes: its own, and those that the seat says it scored above zero. An honest seat
 * shared rarity out among exactly these.
 */
export function updatesNeeded(entries: readonly ScoreEntry[], member: number): number[] {
  return [...entries.keys()].filter((at) => at === member || isScore(entries[at]!))
}

/** Whether an entry is a quality above zero. */
function isScore({ quality }: ScoreEntry): boolean {
  return quality > 0 && quality <= MAX_QUALITY
}

/**
 * The value of an entry, computed again: quality and rarity as the accused seat's draws give them, or the gate that the update
 * fails. Everything follows from public draws, the pool, the base model and bytes that were committed to.
 *
 * Where an update of a competitor is gone, nobody can compute the rarity, and the seat's own word for it stands. So an update that
 * vanishes makes no honest entry false, and inventing a score for one that nobody has shields no invented quality.
 *
 * @returns `missing` while the update itself can't be had
 * @throws EngineRefusal `limit` when the engine ran out of time or memory
 */
export async function scoreByRule(charge: ScoreCharge): Promise<Computed | 'missing'> {
  const own = charge.shown[charge.member]
  if (own?.is === 'refused') return refusedValue(own.reason)
  if (own?.is !== 'there') return 'missing'

  const trail = openTrail()
  const engine = noted(charge.engine, trail)
  const entry = await entryByRule({ ...charge, engine })
  return { value: accusedValue(packEntry(entry)), trail: trail.digest() }
}

function refusedValue(reason: string): Computed {
  const trail = openTrail()
  trail.note(keccak256(toHex(reason)))
  return { value: accusedValue(packEntry(failedEntry('S1'))), trail: trail.digest() }
}

async function entryByRule(charge: ScoreCharge): Promise<ScoreEntry> {
  const { engine, base, draw, pool, entries, member, shown } = charge
  const ground = { engine, base, holdout: slicePool(pool, engine.spec, draw).samples }
  const reference = await referenceOrFault({ ...ground, round: draw.round }, rootSeed(draw))
  if ('fault' in reference) return scoreEntry({ quality: TASK_FAULT })
  const needed = updatesNeeded(entries, member)
  const isWhole = needed.every((at) => shown[at]?.is === 'there')
  const measured: Measured[] = []
  const compared = isWhole ? needed : [member]
  for (const at of compared)
    measured.push(await measureUpdate({ ...ground, reference }, candidateOf(charge, at)))
  const own = compared.indexOf(member)
  const { kind } = measured[own]!
  if (kind === 'task fails') return scoreEntry({ quality: TASK_FAULT })
  if (kind === 'update fails') return failedEntry('S4')
  const { qualityBps: quality, rarityBps } = scoresOf(measured)[own]!
  if (quality === undefined) return undecidedEntry({ windows: 0, withheld: 0 })
  const said = entries[member]!
  const saidRarity = isScore(said) ? said.rarity : 0
  return scoreEntry({ quality, rarity: quality === 0 ? 0 : isWhole ? rarityBps : saidRarity })
}

function candidateOf({ contributors, shown, draw }: ScoreCharge, at: number): QualityCandidate {
  const [contributor, update] = [contributors[at]!, shown[at]!]
  if (update.is !== 'there') throw new Error(`the update of ${contributor} is ${update.is}`)
  return { id: contributor, final: update.final, personalSeed: personalSeed({ ...draw, contributor }) }
}
