import { packWord, RESULT_WORD, unpackWord } from './words.ts'

/** In the order of the contract's enum `Outcome`, whose first member means no outcome. */
export const OUTCOMES = [undefined, 'audited', 'unaudited', 'failed', 'taskFault'] as const

/**
 * `audited`: scored, its pay credited. `unaudited`: its pay follows from running scores and is held. `failed`: a gate failed.
 * `taskFault`: the task's own files kept the seats from judging it; its pay follows from running scores and is credited.
 */
export type Outcome = Exclude<(typeof OUTCOMES)[number], undefined>

/** What the event `CohortSettled` tells of one member, in one {@link RESULT_WORD}. */
export type SettledMember = {
  outcome: Outcome
  /** Pooled proven windows after this round. */
  provenWindows: number
  /** ρ after this round. */
  reputationBps: number
  qualityBps: number
  rarityBps: number
  /** Reward wei; held when unaudited. */
  computePay: bigint
  dataPay: bigint
}

/** The fields of a result word. @throws RangeError for a word that no settlement writes. */
export function unpackResult(word: bigint): SettledMember {
  const fields = unpackWord(RESULT_WORD, word)
  const outcome = OUTCOMES[Number(fields.outcome)]
  if (outcome === undefined) throw new RangeError(`0x${word.toString(16)} is no result of a settlement`)
  return {
    outcome,
    provenWindows: Number(fields.provenWindows),
    reputationBps: Number(fields.reputation),
    qualityBps: Number(fields.quality),
    rarityBps: Number(fields.rarity),
    computePay: fields.computePay,
    dataPay: fields.dataPay,
  }
}

/** The word of a result. @throws RangeError for a field that doesn't fit. */
export function packResult(result: SettledMember): bigint {
  return packWord(RESULT_WORD, {
    outcome: BigInt(OUTCOMES.indexOf(result.outcome)),
    provenWindows: BigInt(result.provenWindows),
    reputation: BigInt(result.reputationBps),
    quality: BigInt(result.qualityBps),
    rarity: BigInt(result.rarityBps),
    computePay: result.computePay,
    dataPay: result.dataPay,
  })
}
