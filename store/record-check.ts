import { type Hash, StoreError } from './blob-store.ts'
import { decodeEncryptedBlob } from './encrypted-blob.ts'
import { decodeOpening } from './opening-record.ts'
import { decodePoolRecord } from './pool-record.ts'
import { parseRecordKey } from './records.ts'

/** What a store holds already. */
export type Holdings = {
  /** The opening record for a commitment. */
  opening(commitment: Hash): Promise<Uint8Array | undefined>
  /** Length of a blob. */
  blobBytes(hash: Hash): Promise<number | undefined>
}

/**
 * Checks a record before a store keeps it. An opening must hash to its commitment, and the contributor must have signed
 * it. Evidence must be signed by the contributor that the opening of its commitment names, a pool's record by the author
 * in its name. The blob that the record names must be there, as long as the record says: so nobody can say less than it
 * put.
 *
 * @throws StoreError 'bad-request' for an invalid name, 'record-refused' for a record that does not prove itself
 */
export async function checkRecord(key: string, bytes: Uint8Array, holdings: Holdings): Promise<void> {
  const parsed = parseRecordKey(key)
  if (parsed.kind === 'opening') {
    const { updateHash, updateSizeBytes } = await decodeOpening(bytes, parsed.commitment)
    return requireBlob(key, { blob: updateHash, sizeBytes: updateSizeBytes }, holdings)
  }
  if (parsed.kind === 'pool') return requireBlob(key, await decodePoolRecord(bytes, key), holdings)
  const opening = await holdings.opening(parsed.commitment)
  if (opening === undefined) {
    throw new StoreError(
      'record-refused',
      `put opening/${parsed.commitment} before its evidence: it names the signer.`,
    )
  }
  const { contributor } = await decodeOpening(opening, parsed.commitment)
  await requireBlob(key, await decodeEncryptedBlob(bytes, { key, signer: contributor }), holdings)
}

async function requireBlob(
  key: string,
  { blob, sizeBytes }: { blob: Hash; sizeBytes: number },
  holdings: Holdings,
): Promise<void> {
  const found = await holdings.blobBytes(blob)
  if (found === sizeBytes) return
  const why =
    found === undefined
      ? `put blob ${blob} before it.`
      : `it says that blob ${blob} has ${sizeBytes} bytes; it has ${found}.`
  throw new StoreError('record-refused', `${key} is refused: ${why}`)
}
