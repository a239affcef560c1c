import type { LocalAccount } from 'viem'
import { z } from 'zod4'
import { StoreError } from './blob-store.ts'
import { parseRecord } from './record-reading.ts'
import type { Address } from './records.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/** What a store confirms: that it had this blob or record at this time. It outlives the store. */
export type Receipt = {
  /** The store's own account. */
  store: Address
  /** `blobs/<sha256>` or `records/<name>`. */
  path: string
  sizeBytes: number
  /** Unix seconds at which the store had all of it first, by its own clock. */
  seconds: number
  /** EIP-191 signature of the store over all of the above. */
  signature: Signature
}

const receiptSchema = z.strictObject({
  store: z.custom<Address>(
    (value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value),
    'an address in lower case',
  ),
  path: z.string().max(300),
  sizeBytes: z.int().min(0),
  seconds: z.int().min(0),
  signature: signatureSchema,
})

/** The text that a store signs. */
function receiptMessage({ store, path, sizeBytes, seconds }: Omit<Receipt, 'signature'>): string {
  return `assay receipt\n${store.toLowerCase()}\n${path}\n${sizeBytes}\n${seconds}`
}

/** Confirms what a store has. */
export async function signReceipt(
  content: Pick<Receipt, 'path' | 'sizeBytes' | 'seconds'>,
  account: LocalAccount,
): Promise<Receipt> {
  const said = { store: account.address.toLowerCase() as Address, ...content }
  return { ...said, signature: await account.signMessage({ message: receiptMessage(said) }) }
}

/**
 * Parses a receipt and checks its signature.
 *
 * @param expected what it must confirm
 * @throws StoreError 'record-refused' when it is anything else
 */
export async function decodeReceipt(
  bytes: Uint8Array,
  expected: Pick<Receipt, 'path' | 'sizeBytes'>,
): Promise<Receipt> {
  const receipt: Receipt = parseRecord(bytes, receiptSchema.parse, 'this is no receipt of a store')
  const { store, path, sizeBytes, signature } = receipt
  if (path !== expected.path || sizeBytes !== expected.sizeBytes)
    throw new StoreError(
      'record-refused',
      `the receipt is for ${path} of ${sizeBytes} bytes, not for ${expected.path} of ${expected.sizeBytes}.`,
    )
  await requireSigner(
    { message: receiptMessage(receipt), signature },
    { signer: store, what: `the receipt for ${path}` },
  )
  return receipt
}
