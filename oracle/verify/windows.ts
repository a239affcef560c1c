import { type DrawnWindow, looksOfSeat, windowReaders, windowsOfSeat } from '@assay/sdk/protocol/cohorts.ts'
import type { WindowReader } from '@assay/store/evidence-encryption.ts'
import { hexToBytes } from 'viem'
import { committeeOf } from '../duties.ts'
import type { Member } from '../round-facts.ts'
import type { CohortTask } from './case.ts'
import type { SharedWindow } from './read-evidence.ts'

type Place = Pick<CohortTask, 'facts' | 'attempt' | 'seat'>
type Drawn = Pick<Member, 'contributor' | 'heldRounds'>

/** A window that this seat replays, of the round or of a held one. */
export type WindowToReplay = DrawnWindow & SharedWindow

/** A window that this seat looks at, and how many places before it the seat stands that replays it. */
export type WindowToLookAt = WindowToReplay & { distance: 1 | 2 }

/** The windows of one update that this seat has to replay; in a task's last round some are of held rounds. */
export function windowsToReplay(place: Place, member: Drawn): WindowToReplay[] {
  const others = othersThan(place, place.seat.seat)
  return windowsOfSeat(drawOf(place, member)).map((drawn) => ({ ...drawn, others }))
}

/** The windows of one update that this seat has to look at. */
export function windowsToLookAt(place: Place, member: Drawn): WindowToLookAt[] {
  return looksOfSeat(drawOf(place, member)).map(({ replayer, ...drawn }) => ({
    ...drawn,
    others: othersThan(place, replayer),
  }))
}

function drawOf({ facts, seat: { seat } }: Place, { contributor, heldRounds }: Drawn) {
  const { beacon, round, params, committeeSize: seatCount } = facts
  return {
    beacon,
    contributor,
    windowsDrawn: params.replayWindows,
    totalWindows: params.windowsPerRound,
    seatCount,
    seat,
    heldRounds: round >= params.maxRounds ? heldRounds : [],
  }
}

/** Who else reads the windows that a seat replays. Someone whose key isn't known can't be checked on. */
function othersThan({ facts, attempt, seat }: Place, replayer: number): WindowReader[] {
  const committee = committeeOf(facts, seat.cohort, attempt)
  return windowReaders(replayer, facts.committeeSize)
    .filter((reader) => reader !== seat.seat)
    .flatMap((reader) => {
      const validator = facts.validators[committee[reader]!]
      const encryptionKey = validator && facts.encryptionKeys.get(validator)
      return validator && encryptionKey ? [{ validator, encryptionKey: hexToBytes(encryptionKey) }] : []
    })
}
