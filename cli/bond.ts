import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { Address } from 'viem'

/** Most gas of an approval, a commitment and a call that takes a bond. */
export const BOND_GAS_AT_MOST = 1_000_000n

const CHECKED_LAST = ['ERC20InsufficientAllowance', 'Accusations_NotCommitted']

/**
 * Asks the chain whether it would take a call once the court is approved for the bond and the accusation is committed to, so that
 * nobody does either in vain: both are what such a call checks last.
 *
 * @throws AssayError with the refusal
 */
export async function requireAccepted(
  { chain }: AssayReader,
  { to, data }: Call,
  account: Address | undefined,
): Promise<void> {
  if (account === undefined) return
  try {
    await chain.call({ account, to, data })
  } catch (error) {
    const failure = decodeFailure(error)
    if (!CHECKED_LAST.includes(failure.name)) throw new AssayError(failure)
  }
}
