import type { ReferenceUpdate } from '@assay/engine/judge/quality.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { Opening } from '@assay/store/opening-record.ts'
import type { Attempt } from './duties.ts'
import type { Finding } from './sheet.ts'
import type { Measured } from './verify/quality.ts'
import type { WindowResult } from './verify/replay.ts'

/**
 * What this oracle has found out about the updates of one draw. It is kept in memory until the next draw, so that
 * nothing is looked at twice when a look at something else has to be repeated. After a restart all is looked at again.
 */
export type Notes = {
  /** Openings that hash to their commitment, by that. */
  openings: Map<Hash, Opening>
  /** Windows that were replayed or looked at, by commitment and number. */
  windows: Map<string, WindowResult>
  /** S4's measurements, by commitment. */
  measured: Map<Hash, Measured>
  /** The reference update, or why the task's graphs make none. */
  reference?: ReferenceUpdate | { fault: string }
  /** Milliseconds that one step of it took on this machine: what other work with the engine is measured by. */
  stepMs?: number
  /** Cohorts of which every member was looked at. */
  cohorts: Map<number, Finding[]>
}

/** What the notes are about. Another beacon after a reorganisation makes another draw. */
type DrawPlace = { taskId: bigint; round: number; beacon: Hash; attempt: Attempt }

export type Progress = { notesOn(draw: DrawPlace): Notes }

export function openProgress(): Progress {
  let about = ''
  let notes = noNotes()
  return {
    notesOn: ({ taskId, round, beacon, attempt }) => {
      const draw = [taskId, round, beacon, attempt].join(' ')
      if (draw !== about) notes = noNotes()
      about = draw
      return notes
    },
  }
}

export function noNotes(): Notes {
  return { openings: new Map(), windows: new Map(), measured: new Map(), cohorts: new Map() }
}
