import { type Hash, StoreError } from './blob-store.ts'

/** 0x and 40 hexadecimal digits. */
export type Address = `0x${string}`

/** A record's name, parsed. */
export type RecordKey =
  | { kind: 'opening'; commitment: Hash }
  | { kind: 'evidence'; commitment: Hash; window: number; validator: Address }
  | { kind: 'pool'; specHash: Hash; envelope: Hash; author: Address }

const OPENING = /^opening\/(0x[0-9a-f]{64})$/
const EVIDENCE = /^evidence\/(0x[0-9a-f]{64})\/(0|[1-9][0-9]{0,5})\/(0x[0-9a-f]{40})$/

const POOL = /^pool\/(0x[0-9a-f]{64})\/(0x[0-9a-f]{64})\/(0x[0-9a-f]{40})$/

/** Name of the record that opens a commitment. */
export function openingKey(commitment: Hash): string {
  return `opening/${commitment.toLowerCase()}`
}

/**
 * Name of the record that says where the evidence of one window is, with its key, encrypted to one validator. The same
 * text is the associated data of that encryption.
 *
 * @param window index of the window in the round, from 0
 */
export function evidenceKey(commitment: Hash, window: number, validator: Address): string {
  return `evidence/${commitment.toLowerCase()}/${window}/${validator.toLowerCase()}`
}

/**
 * Name of the record by which an author hands a held-out pool to somebody. The author is part of the name, so nobody can
 * take another's.
 *
 * @param envelope what tells the pool and its reader apart from others; see `poolEnvelope` in pool-record.ts
 */
export function poolKey(specHash: Hash, envelope: Hash, author: Address): string {
  return `pool/${specHash.toLowerCase()}/${envelope.toLowerCase()}/${author.toLowerCase()}`
}

/** Whether a text is a record's name. */
export function isRecordKey(key: string): boolean {
  return OPENING.test(key) || EVIDENCE.test(key) || POOL.test(key)
}

/**
 * Parses a record's name. Each name has exactly one spelling, so it can be used as a path.
 *
 * @throws StoreError 'bad-request' for anything else
 */
export function parseRecordKey(key: string): RecordKey {
  const opening = OPENING.exec(key)
  if (opening) return { kind: 'opening', commitment: opening[1] as Hash }
  const pool = POOL.exec(key)
  if (pool) {
    const [, specHash, envelope, author] = pool
    return { kind: 'pool', specHash: specHash as Hash, envelope: envelope as Hash, author: author as Address }
  }
  const evidence = EVIDENCE.exec(key)
  if (!evidence) {
    throw new StoreError(
      'bad-request',
      `"${key.slice(0, 200)}" names no record: write opening/<commitment>, evidence/<commitment>/<window>/<validator> or pool/<spec hash>/<envelope>/<author>.`,
    )
  }
  const [, commitment, window, validator] = evidence
  return {
    kind: 'evidence',
    commitment: commitment as Hash,
    window: Number(window),
    validator: validator as Address,
  }
}
