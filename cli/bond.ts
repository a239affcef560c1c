import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import type { Address } from 'viem'

/** Most gas of an approval and a call that takes a bond. */
export const BOND_GAS_AT_MOST = 1_000_000n

/**
 * Asks the chain whether it would take a call once the court is approved for the bond, so that nobody approves in vain: the bond is
 * what such a call takes last.
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
    if (failure.name !== 'ERC20InsufficientAllowance') throw new AssayError(failure)
  }
}
