import { makeWindowEvidence } from '@assay/engine/run/evidence.ts'
import { type DrawnWindow, replayAssignments, windowReaders } from '@assay/sdk/protocol/cohorts.ts'
import { deriveSeed, type Hash } from '@assay/sdk/protocol/random.ts'
import type { TaskParams } from '@assay/sdk/protocol/task-params.ts'
import type { BlobStore } from '@assay/store/blob-store.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { encryptEvidence } from '@assay/store/evidence-encryption.ts'
import { evidenceKey } from '@assay/store/records.ts'
import { type Address, hexToBytes } from 'viem'
import type { LabContributor } from './contributor.ts'
import { bordersOf, openWork, type Work } from './work.ts'

/** Who judges the cohort that a work is in: the validators of a committee, by seat. */
export type Judges = { beacon: Hash; params: TaskParams; committee: readonly Address[]; isLastRound: boolean }

/**
 * Publishes the evidence of the windows that the beacon draws of an audited work. In a task's last round some are of held rounds,
 * whose openings are published again. Keys go to the readers in the clear: the lab has no use for secrets.
 */
export async function showWindows(store: BlobStore, work: Work, judges: Judges): Promise<void> {
  const { beacon, params, committee, isLastRound } = judges
  const { contributor } = work
  const drawn = replayAssignments({
    beacon,
    contributor: contributor.account.address,
    windowsDrawn: params.replayWindows,
    totalWindows: params.windowsPerRound,
    seatCount: params.committeeSize,
    heldRounds: isLastRound ? contributor.heldRounds : [],
  })
  for (const { seat, ...window } of drawn) {
    const readers = windowReaders(seat, params.committeeSize).map((reader) => committee[reader]!)
    await showWindow(store, workOf(contributor, work, window), { window: window.window, readers })
  }
}

function workOf({ works }: LabContributor, work: Work, { heldRound }: DrawnWindow): Work {
  return heldRound === undefined ? work : works.get(heldRound)!
}

async function showWindow(
  store: BlobStore,
  work: Work,
  { window, readers }: { window: number; readers: readonly Address[] },
): Promise<void> {
  const { commitment, contributor, stateHashes } = work
  if (contributor.behaviour.shouldShow?.(window, stateHashes) === false) return
  if (work.made === undefined) await openWork(store, work)
  const place = { commitment, window }
  const key = deriveSeed(contributor.secret, 'evidence key', commitment, BigInt(window))
  const encrypted = encryptEvidence(await evidenceOf(work, window), hexToBytes(key), place)
  const blob = await store.put(encrypted)
  for (const reader of readers) {
    const name = evidenceKey(commitment, window, reader)
    const record = { blob, sizeBytes: encrypted.length, encryptedKey: key }
    await store.putRecord(name, await signEncryptedBlob(name, record, contributor.account))
  }
}

async function evidenceOf(work: Work, window: number): Promise<Uint8Array> {
  const { contributor, stateHashes, batchSeed, ground } = work
  const borders = await bordersOf(work)
  const { data, secret, tree } = contributor
  return makeWindowEvidence({
    spec: ground.contents.spec,
    window,
    stateHashes,
    start: borders[0]!,
    stateBefore: borders[window]!,
    data,
    secret,
    tree,
    batchSeed,
  })
}
