/**
 * What the event `CohortSettled` tells of one member, in one word (low bits first): outcome 8 | proven steps 8 | ρ 16 |
 * Q 16 | R 16 | compute pay 80 | data pay 80.
 */

/** `audited`: scored and credited. `unaudited`: paid by its running scores, held. `failed`: a gate failed. */
export type Outcome = 'audited' | 'unaudited' | 'failed'

export type SettledMember = {
  outcome: Outcome
  /** Pooled proven steps after this round. */
  provenSteps: number
  /** ρ after this round. */
  reputationBps: number
  qualityBps: number
  rarityBps: number
  /** Reward wei; held when unaudited. */
  computePay: bigint
  dataPay: bigint
}

/** By the contract's enum, whose first member is none. */
export const OUTCOMES = [undefined, 'audited', 'unaudited', 'failed'] as const

/** The fields of a result word. @throws RangeError for a word that no settlement writes. */
export function unpackResult(word: bigint): SettledMember {
  const bits = (offset: bigint, width: bigint) => (word >> offset) & ((1n << width) - 1n)
  const outcome = OUTCOMES[Number(bits(0n, 8n))]
  if (outcome === undefined) throw new RangeError(`0x${word.toString(16)} is no result of a settlement`)
  return {
    outcome,
    provenSteps: Number(bits(8n, 8n)),
    reputationBps: Number(bits(16n, 16n)),
    qualityBps: Number(bits(32n, 16n)),
    rarityBps: Number(bits(48n, 16n)),
    computePay: bits(64n, 80n),
    dataPay: bits(144n, 80n),
  }
}

/** The word of a result. */
export function packResult(result: SettledMember): bigint {
  return (
    BigInt(OUTCOMES.indexOf(result.outcome)) |
    (BigInt(result.provenSteps) << 8n) |
    (BigInt(result.reputationBps) << 16n) |
    (BigInt(result.qualityBps) << 32n) |
    (BigInt(result.rarityBps) << 48n) |
    (result.computePay << 64n) |
    (result.dataPay << 144n)
  )
}
