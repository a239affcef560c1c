import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { type Hash, StoreError } from '../blob-store.ts'
import type { FileStore, Kept } from '../file-store.ts'
import { decodeOpening } from '../opening-record.ts'
import { parseRecordKey } from '../records.ts'
import type { Ledger } from './ledger.ts'
import {
  caseSeconds,
  type KeptOpening,
  keptOpenings,
  neededByTasks,
  poolAuthors,
  type RetentionRules,
} from './needs.ts'

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
  const records = all
    .filter(({ path }) => path.startsWith('records/'))
    .map((one) => ({ key: one.path.slice('records/'.length), old: isOld(one) }))
  const openings = await openingsOf(files, records)
  const old = openings.filter((opening) => opening.old)
  const kept = await keptOpenings(reader, old, rules)
  const young = openings.filter((opening) => !opening.old)
  const commitments = new Set([...kept, ...young].map(({ commitment }) => commitment))

  const keep = new Set<string>()
  for (const { updateHash, commitment } of openings)
    if (commitments.has(commitment)) keep.add(`blobs/${updateHash}`)
  const { blobs, packages } = await neededByTasks(reader, { kept, rules })
  const mayAuthor = poolAuthors(reader, packages)
  for (const { key, old } of records) {
    const parsed = parseRecordKey(key)
    // A task's pool is kept as its package is: after the task's end it is what scores are recomputed with.
    const isNeeded = () =>
      parsed.kind === 'pool' ? mayAuthor(parsed.specHash, parsed.author) : commitments.has(parsed.commitment)
    if (old && !(await isNeeded())) continue
    keep.add(`records/${key}`)
    if (parsed.kind === 'opening') continue
    for (const hash of hashesIn(await readRecord(files, key))) keep.add(`blobs/${hash}`)
  }
  for (const specHash of packages.keys())
    for (const hash of [specHash, ...(await filesOfPackage(files, specHash))]) blobs.add(hash)
  for (const hash of blobs) keep.add(`blobs/${hash}`)
  return keep
}

/** The openings among the records, one read after the other: there may be millions. One that is damaged keeps nothing. */
async function openingsOf(
  files: FileStore,
  records: readonly { key: string; old: boolean }[],
): Promise<(KeptOpening & { old: boolean })[]> {
  const openings = []
  for (const { key, old } of records) {
    const parsed = parseRecordKey(key)
    if (parsed.kind !== 'opening') continue
    const { commitment } = parsed
    const opening = await decodeOpening(await readRecord(files, key), commitment).catch(unlessUnavailable)
    if (opening === undefined) continue
    const { chainId, rounds, taskId, round, contributor, updateHash } = opening
    openings.push({ chainId, rounds, taskId, round, contributor, updateHash, commitment, old })
  }
  return openings
}

/** A record's bytes; none if it is gone, or isn't one that a store takes. */
async function readRecord(files: FileStore, key: string): Promise<Uint8Array> {
  return (await files.getRecord(key).catch(unlessUnavailable)) ?? new Uint8Array()
}

/** The hashes that task.json names. */
async function filesOfPackage(files: FileStore, specHash: Hash): Promise<Hash[]> {
  return hashesIn(
    (await files.get(specHash, { maxBytes: MAX_SPEC_BYTES }).catch(unlessUnavailable)) ?? new Uint8Array(),
  )
}

/** Passes over what a store says of a blob or record, but not over a disk that can't be read. */
function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.code === 'unavailable') throw error
}

function hashesIn(bytes: Uint8Array): Hash[] {
  return [...new TextDecoder().decode(bytes).matchAll(/0x[0-9a-f]{64}\b/g)].map(([hash]) => hash as Hash)
}
