import { recoverMessageAddress } from 'viem/utils'
import { z } from 'zod4'
import { StoreError } from './blob-store.ts'
import type { Address } from './records.ts'

/** EIP-191 signature of 65 bytes. */
export type Signature = `0x${string}`

/** Half of secp256k1's order, rounded down. Of each pair of equivalent signatures only the one below it is taken. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** A signature in its only spelling. A stranger can't turn it into another one that is valid, too. */
export const signatureSchema = z.custom<Signature>(
  (value) =>
    typeof value === 'string' &&
    /^0x[0-9a-f]{128}1[bc]$/.test(value) &&
    BigInt(`0x${value.slice(66, 130)}`) <= HALF_ORDER,
  'a signature of 65 bytes in lower case, its s in the lower half',
)

/**
 * Checks who signed a text.
 *
 * @param what the signed thing, for the error
 * @throws StoreError 'record-refused' unless `signer` did
 */
export async function requireSigner(
  signed: { message: string; signature: Signature },
  { signer, what }: { signer: Address; what: string },
): Promise<void> {
  const found = await recoverMessageAddress(signed).catch((cause: Error) => {
    throw new StoreError('record-refused', `the signature of ${what} recovers to nobody: ${cause.message}`, {
      cause,
    })
  })
  if (found.toLowerCase() === signer.toLowerCase()) return
  throw new StoreError('record-refused', `${what} is signed by ${found}; only ${signer} may sign it.`)
}
