import { type Hash, StoreError } from './blob-store.ts'
import { decodeEvidence } from './evidence-record.ts'
import { decodeOpening } from './opening-record.ts'
import { parseRecordKey } from './records.ts'

/**
 * Checks a record before a store keeps it. An opening must hash to its commitment. Evidence must be signed by the
 * contributor that the opening of its commitment names.
 *
 * @param readOpening the opening record that the store holds for a commitment
 * @throws StoreError 'bad-request' for an invalid name, 'record-refused' for a record that does not prove itself
 */
export async function checkRecord(
  key: string,
  bytes: Uint8Array,
  readOpening: (commitment: Hash) => Promise<Uint8Array | undefined>,
): Promise<void> {
  const parsed = parseRecordKey(key)
  if (parsed.kind === 'opening') {
    decodeOpening(bytes, parsed.commitment)
    return
  }
  const opening = await readOpening(parsed.commitment)
  if (opening === undefined) {
    throw new StoreError(
      'record-refused',
      `put opening/${parsed.commitment} before its evidence: it names the signer.`,
    )
  }
  const { contributor } = decodeOpening(opening, parsed.commitment)
  await decodeEvidence(bytes, { key, contributor })
}
