/** Files that are never in memory as a whole: they are hashed, written and sent in pieces. */
import { type Hash, sha256 } from '../hash.ts'

/** A file. Its pieces are mostly the memory of tensors themselves, which must stay as they are. */
export type FileInPieces = { hash: Hash; sizeBytes: number; pieces: () => readonly Uint8Array[] }

export function fileOf(pieces: readonly Uint8Array[]): FileInPieces {
  return { hash: sha256(...pieces), sizeBytes: lengthOf(pieces), pieces: () => pieces }
}

/** All pieces in one array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lengthOf(pieces))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}
