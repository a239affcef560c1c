/** What one transaction offers per gas, in wei. */
export type Fees = {
  /** The most for base fee and tip together. */
  maxFeeWei: bigint
  /** The most for the tip, which goes to whoever builds the block. */
  priorityFeeWei: bigint
}

/** How much a daemon is ready to offer. */
export type FeePolicy = {
  /** Tip of a duty's first transaction. */
  priorityFeeWei: bigint
  /** The most that a transaction offers per gas, whatever the base fee is. */
  maxFeeWei?: bigint | undefined
}

/** A transaction never offers more than this many times the base fee plus first tip at the time of signing. */
const CEILING_FACTOR = 10n

/** Fees of a duty's first transaction. They leave room for the base fee to double, as it does in six full blocks. */
export function freshFees(policy: FeePolicy, baseFeeWei: bigint): Fees {
  const maxFeeWei = smaller(2n * baseFeeWei + policy.priorityFeeWei, policy.maxFeeWei)
  return { maxFeeWei, priorityFeeWei: smaller(policy.priorityFeeWei, maxFeeWei) }
}

/**
 * Fees of a transaction that replaces one with fees `old` in the nodes' pools: a quarter more, or what a first
 * transaction would offer now if that is more. Both stay under ceilings that follow the current base fee:
 *
 *     maxFeeWei      ≤ 10 × (base fee + first tip), and the policy's own maximum
 *     priorityFeeWei ≤ base fee + 10 × first tip
 *
 * So a node that never includes anything can't drive them up without end, and a risen base fee makes room for both.
 *
 * @returns undefined when the ceilings leave less room than nodes require for a replacement
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
 * Whether `old` is more than a quarter above or below what a first transaction would offer now. A smaller difference
 * isn't worth another signature.
 */
export function isStale(old: Fees, policy: FeePolicy, baseFeeWei: bigint): boolean {
  const { maxFeeWei } = freshFees(policy, baseFeeWei)
  return 5n * maxFeeWei < 4n * old.maxFeeWei || 5n * old.maxFeeWei < 4n * maxFeeWei
}

function aQuarterMore(feeWei: bigint): bigint {
  return (feeWei * 5n) / 4n + 1n
}

/** Nodes replace a pending transaction only by one that offers a tenth more. An eighth is safe from rounding. */
function outbids(feeWei: bigint, oldWei: bigint): boolean {
  return 8n * feeWei > 9n * oldWei
}

function smaller(a: bigint, b: bigint | undefined): bigint {
  return b === undefined || a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
