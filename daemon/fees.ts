/** What one transaction offers per gas, in wei. */
export type Fees = {
  /** Base fee and tip together, at most. */
  maxFeeWei: bigint
  /** The tip of whoever builds the block, at most. */
  priorityFeeWei: bigint
}

/** How much a daemon offers. */
export type FeePolicy = {
  /** Tip of a first signature. */
  priorityFeeWei: bigint
  /** No transaction offers more than this per gas, whatever the base fee is. */
  maxFeeWei?: bigint | undefined
}

/** Whatever happens, a transaction offers at most this many times the base fee and first tip of the moment it is signed. */
const CEILING_FACTOR = 10n

/** Fees of a first signature: room for the base fee to double, six full blocks in a row. */
export function freshFees(policy: FeePolicy, baseFeeWei: bigint): Fees {
  const maxFeeWei = smaller(2n * baseFeeWei + policy.priorityFeeWei, policy.maxFeeWei)
  return { maxFeeWei, priorityFeeWei: smaller(policy.priorityFeeWei, maxFeeWei) }
}

/**
 * Fees of a signature that takes the place of `old` in the nodes' pools: a quarter more, or what a first signature offers now where
 * that is more. Both stay under ceilings that follow the base fee of now:
 *
 *     maxFeeWei      ≤ 10 × (base fee + first tip), and the policy's own maximum
 *     priorityFeeWei ≤ base fee + 10 × first tip
 *
 * So silence can't drive them up without end, and a base fee that outgrows `old` makes room for both.
 *
 * @returns nothing when the ceilings leave less room than nodes want for a replacement
 */
export function raisedFees(old: Fees, policy: FeePolicy, baseFeeWei: bigint): Fees | undefined {
  const fresh = freshFees(policy, baseFeeWei)
  const ceilingWei = smaller(CEILING_FACTOR * (baseFeeWei + policy.priorityFeeWei), policy.maxFeeWei)
  const tipCeilingWei = baseFeeWei + CEILING_FACTOR * policy.priorityFeeWei

  const maxFeeWei = smaller(larger(aQuarterMore(old.maxFeeWei), fresh.maxFeeWei), ceilingWei)
  const wishedTipWei = larger(aQuarterMore(old.priorityFeeWei), fresh.priorityFeeWei)
  const priorityFeeWei = smaller(smaller(wishedTipWei, tipCeilingWei), maxFeeWei)
  const replaces = outbids(maxFeeWei, old.maxFeeWei) && outbids(priorityFeeWei, old.priorityFeeWei)
  return replaces ? { maxFeeWei, priorityFeeWei } : undefined
}

/**
 * Whether `old` is no longer worth offering once more: more than a quarter away from what a first signature offers now, up or down.
 * Smaller differences don't merit another signature to keep.
 */
export function isStale(old: Fees, policy: FeePolicy, baseFeeWei: bigint): boolean {
  const { maxFeeWei } = freshFees(policy, baseFeeWei)
  return 5n * maxFeeWei < 4n * old.maxFeeWei || 5n * old.maxFeeWei < 4n * maxFeeWei
}

function aQuarterMore(feeWei: bigint): bigint {
  return (feeWei * 5n) / 4n + 1n
}

/** Nodes swap a waiting transaction only for one that offers at least a tenth more; an eighth is past every rounding. */
function outbids(feeWei: bigint, oldWei: bigint): boolean {
  return 8n * feeWei > 9n * oldWei
}

function smaller(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
