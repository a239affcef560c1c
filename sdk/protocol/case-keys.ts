/** Which announced keys the jurors of a panel try. */
import type { Address } from 'viem'
import type { Hash } from './random.ts'

/** What somebody said of the key to a case's evidence: where it is, encrypted to each juror. */
export type KeyAnnouncement = { sender: Address; keysBlob: Hash }

/** Blobs that a juror tries for one panel: nobody keeps it busy with more. */
const MOST_BLOBS = 8

/**
 * The blobs that a juror tries, in that order: of each sender the last one, those of accounts that answer for the case first. So
 * nobody hides the right one behind many others.
 *
 * @param announcements in the order of the chain
 * @param parties the challenger, then the appellants, then the defendants
 */
export function blobsToTry(announcements: readonly KeyAnnouncement[], parties: readonly Address[]): Hash[] {
  const lastOf = new Map(announcements.map(({ sender, keysBlob }) => [sender.toLowerCase(), keysBlob]))
  const first = parties.map((party) => party.toLowerCase())
  const senders = [...new Set([...first, ...lastOf.keys()])]
  const blobs = senders.flatMap((sender) => lastOf.get(sender) ?? [])
  return [...new Set(blobs)].slice(0, MOST_BLOBS)
}
