import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { submissionCommitment } from '@assay/sdk/protocol/commitments.ts'
import { type Hash, StoreError } from '../blob-store.ts'
import type { FileStore, Kept } from '../file-store.ts'
import { decodeOpening, type Opening } from '../opening-record.ts'
import { parseRecordKey } from '../records.ts'
import type { Ledger } from './ledger.ts'
import { caseSeconds, keptOpenings, neededByTasks, type RetentionRules } from './needs.ts'

/** What was removed. */
export type Pruned = { blobs: number; records: number; bytes: number }

export type PruneOptions = {
  files: FileStore
  ledger: Ledger
  reader: AssayReader
  rules: RetentionRules
  /** Unix seconds by the clock of the store's files. */
  now: number
}

type Record = { key: string; bytes: Uint8Array; old: boolean }

/** Largest task.json, in bytes. */
const MAX_SPEC_BYTES = 65_536

/**
 * Removes what is older than the rules keep, and nothing that an open round, a challenge or a case may still need. If
 * the chain can't be asked, it removes nothing.
 */
export async function prune(options: PruneOptions): Promise<Pruned> {
  const { files, ledger, reader, rules, now } = options
  const oldest = now - Math.max(rules.seconds, await caseSeconds(reader))
  const all: Kept[] = []
  for await (const one of files.list()) all.push(one)
  const isOld = ({ seconds }: Kept) => seconds < oldest
  const pruned: Pruned = { blobs: 0, records: 0, bytes: 0 }
  if (!all.some(isOld)) return pruned

  const keep = await whatToKeep(options, all, isOld)
  // Records go first: a reader must not find one whose blob is gone.
  const gone = all.filter((one) => isOld(one) && !keep.has(one.path))
  for (const { path, sizeBytes } of gone.toSorted((a, b) => (a.path < b.path ? 1 : -1))) {
    if (!(await files.remove(path, oldest))) continue
    ledger.remove(path)
    pruned[path.startsWith('blobs/') ? 'blobs' : 'records'] += 1
    pruned.bytes += sizeBytes
  }
  return pruned
}

/** The paths that stay whatever their age. */
async function whatToKeep(
  { files, reader, rules }: PruneOptions,
  all: readonly Kept[],
  isOld: (one: Kept) => boolean,
): Promise<Set<string>> {
  const records = await readRecords(files, all, isOld)
  const openings = await openingsOf(records)
  const kept = await keptOpenings(
    reader,
    openings.filter(({ old }) => old).map(({ opening }) => opening),
    rules,
  )
  const commitments = new Set(kept.map((opening) => submissionCommitment(opening)))
  for (const { commitment, old } of openings) if (!old) commitments.add(commitment)

  const keep = new Set<string>()
  for (const { opening, commitment } of openings)
    if (commitments.has(commitment)) keep.add(`blobs/${opening.updateHash}`)
  const { blobs, packages } = await neededByTasks(reader, { kept, rules })
  for (const { key, bytes, old } of records) {
    const parsed = parseRecordKey(key)
    // A task's pool is kept as its package is: after the task's end it is what scores are recomputed with.
    const isNeeded =
      parsed.kind === 'pool' ? packages.has(parsed.specHash) : commitments.has(parsed.commitment)
    if (old && !isNeeded) continue
    keep.add(`records/${key}`)
    if (parsed.kind !== 'opening') for (const hash of hashesIn(bytes)) keep.add(`blobs/${hash}`)
  }
  for (const specHash of packages)
    for (const hash of [specHash, ...(await filesOfPackage(files, specHash))]) blobs.add(hash)
  for (const hash of blobs) keep.add(`blobs/${hash}`)
  return keep
}

async function readRecords(
  files: FileStore,
  all: readonly Kept[],
  isOld: (one: Kept) => boolean,
): Promise<Record[]> {
  const records: Record[] = []
  for (const one of all) {
    if (!one.path.startsWith('records/')) continue
    const key = one.path.slice('records/'.length)
    const bytes = await files.getRecord(key)
    if (bytes !== undefined) records.push({ key, bytes, old: isOld(one) })
  }
  return records
}

/** The openings among the records. One that is damaged keeps nothing. */
async function openingsOf(
  records: readonly Record[],
): Promise<{ opening: Opening; commitment: Hash; old: boolean }[]> {
  const openings = []
  for (const { key, bytes, old } of records) {
    const parsed = parseRecordKey(key)
    if (parsed.kind !== 'opening') continue
    const { commitment } = parsed
    const opening = await decodeOpening(bytes, commitment).catch((error) => {
      if (!(error instanceof StoreError)) throw error
    })
    if (opening !== undefined) openings.push({ opening, commitment, old })
  }
  return openings
}

/** The hashes that task.json names. */
async function filesOfPackage(files: FileStore, specHash: Hash): Promise<Hash[]> {
  try {
    return hashesIn(await files.get(specHash, { maxBytes: MAX_SPEC_BYTES }))
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'unavailable') return []
    throw error
  }
}

function hashesIn(bytes: Uint8Array): Hash[] {
  return [...new TextDecoder().decode(bytes).matchAll(/0x[0-9a-f]{64}\b/g)].map(([hash]) => hash as Hash)
}
