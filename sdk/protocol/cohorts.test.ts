import { expect } from 'chai'
import {
  assignCohorts,
  auditedMembers,
  cohortMembers,
  cohortPlace,
  cohortSeats,
  dutiesOf,
  looksOfSeat,
  replayAssignments,
  rootSeats,
  windowReaders,
  windowsOfSeat,
} from './cohorts.ts'
import { deriveSeed } from './random.ts'
import {
  assignedWindows,
  committeeSeed,
  drawCommittee,
  isAudited,
  ROOT_COHORT,
  replayWindow,
} from './sampling.ts'

const BEACON = deriveSeed(`0x${'22'.repeat(32)}`, 'beacon')
const CONTRIBUTOR = '0x00000000000000000000000000000000000000c1'
const ELECTORATE = { weights: Array.from({ length: 20 }, (_, i) => 256 + 10 * i), committeeSize: 5 }

describe('Cohort assignment', () => {
  it('gives each submission one place', () => {
    const cohorts = assignCohorts({ beacon: BEACON, count: 100 })
    expect(cohorts.map((members) => members.length)).to.deep.equal([15, 15, 14, 14, 14, 14, 14])
    expect(cohorts.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 100 }, (_, i) => i))
    cohorts.forEach((members, cohort) => {
      expect(cohortMembers({ beacon: BEACON, count: 100, cohort })).to.deep.equal(members)
    })
  })

  it('finds the place of a submission', () => {
    const place = cohortPlace({ beacon: BEACON, count: 100, index: 42 })
    expect(assignCohorts({ beacon: BEACON, count: 100 })[place!.cohort]![place!.position]).to.equal(42)
    expect(cohortPlace({ beacon: BEACON, count: 100, index: 100 })).to.equal(undefined)
  })
})

describe('Committees of a round', () => {
  it('draw anew, without the first seats, in the redraw', () => {
    const draw = { ...ELECTORATE, beacon: BEACON, cohort: 3 }
    const first = cohortSeats({ ...draw, attempt: 0 })
    const second = cohortSeats({ ...draw, attempt: 1 })
    expect(first).to.have.length(5)
    expect(second.filter((seat) => first.includes(seat))).to.deep.equal([])
    const seed = committeeSeed(BEACON, 3, 1)
    expect(second).to.deep.equal(
      drawCommittee({ seed, weights: ELECTORATE.weights, seatCount: 5, excluded: first }),
    )
  })

  it('draw the root committee as the cohort that no cohort is', () => {
    expect(rootSeats({ ...ELECTORATE, beacon: BEACON })).to.deep.equal(
      cohortSeats({ ...ELECTORATE, beacon: BEACON, cohort: ROOT_COHORT, attempt: 0 }),
    )
  })

  it('tell each validator its duties, and no seat twice', () => {
    const round = { ...ELECTORATE, beacon: BEACON, count: 320, attempt: 0 as const }
    const seats = ELECTORATE.weights.flatMap((_, rosterIndex) =>
      dutiesOf({ ...round, rosterIndex }).map((duty) => ({ ...duty, rosterIndex })),
    )
    expect(seats).to.have.length(20 * 5)
    for (const { cohort, seat, rosterIndex } of seats) {
      expect(cohortSeats({ ...round, cohort })[seat]).to.equal(rosterIndex)
    }
  })
})

describe('Replayed windows', () => {
  const draw = {
    beacon: BEACON,
    contributor: CONTRIBUTOR,
    windowsDrawn: 6,
    totalWindows: 8,
    seatCount: 5,
  } as const

  it('fall to the seats in turn', () => {
    const all = replayAssignments(draw)
    expect(all.map(({ seat }) => seat)).to.deep.equal([0, 1, 2, 3, 4, 0])
    expect(all.map(({ window }) => window)).to.deep.equal(
      [0, 1, 2, 3, 4, 5].map((i) =>
        replayWindow({ beacon: BEACON, contributor: CONTRIBUTOR, i, totalWindows: 8 }),
      ),
    )
    for (let seat = 0; seat < 5; seat++) {
      expect(windowsOfSeat({ ...draw, seat })).to.have.length(assignedWindows(6, 5, seat))
    }
  })

  it('of a last round are of it and of held rounds in turn, each held round as often as the others', () => {
    for (const heldRounds of [[3], [3, 5], [2, 3, 5, 7, 8], Array.from({ length: 128 }, (_, i) => i + 1)]) {
      const all = replayAssignments({ ...draw, heldRounds })
      const own = all.flatMap(({ heldRound }, i) => (heldRound === undefined ? [i] : []))
      const wanted = [0, 1, 2, 3, 4, 5].filter((i) => i % (heldRounds.length + 1) === 0)
      expect(own).to.deep.equal(wanted)
      const times = heldRounds.map((round) => all.filter(({ heldRound }) => heldRound === round).length)
      expect(Math.max(...times) - Math.min(...times)).to.be.at.most(1)
      expect(new Set(all.map(({ window, heldRound }) => `${heldRound}/${window}`)).size).to.equal(6)
    }
  })

  it('of held rounds are drawn by the beacon: none can be known before', () => {
    const heldRounds = Array.from({ length: 12 }, (_, i) => i + 1)
    const drawn = Array.from({ length: 200 }, (_, i) =>
      replayAssignments({ ...draw, beacon: deriveSeed(BEACON, 'other', BigInt(i)), heldRounds }),
    ).flat()
    // Of 1,000 windows of held rounds each of the twelve has about 83.
    for (const round of heldRounds)
      expect(drawn.filter(({ heldRound }) => heldRound === round).length).to.be.within(55, 115)
  })

  it('of a draw of one window are of any of the rounds', () => {
    const rounds = Array.from({ length: 200 }, (_, i) =>
      replayAssignments({
        ...draw,
        beacon: deriveSeed(BEACON, 'other', BigInt(i)),
        windowsDrawn: 1,
        heldRounds: [3],
      }),
    ).map(([one]) => one?.heldRound)
    expect(rounds.filter((round) => round === 3).length).to.be.within(70, 130)
  })

  it('are each read by three seats: one replays it, the next two look', () => {
    const readers = new Map<number, number[]>()
    for (let seat = 0; seat < 5; seat++) {
      const looked = looksOfSeat({ ...draw, seat })
      for (const { window, heldRound, replayer, distance } of looked) {
        expect(windowsOfSeat({ ...draw, seat: replayer })).to.deep.include({ window, heldRound })
        expect((replayer + distance) % 5).to.equal(seat)
      }
      for (const { window } of [...windowsOfSeat({ ...draw, seat }), ...looked])
        readers.set(window, [...(readers.get(window) ?? []), seat])
    }
    for (const { window, seat } of replayAssignments(draw))
      expect(readers.get(window)).to.have.members(windowReaders(seat, 5)).and.to.have.length(3)
    expect(windowReaders(2, 3)).to.deep.equal([2, 0, 1])
  })

  it('are all windows when the round has fewer than are drawn', () => {
    const windows = replayAssignments({ ...draw, totalWindows: 4 }).map(({ window }) => window)
    expect(windows.sort()).to.deep.equal([0, 1, 2, 3])
  })
})

describe('Audit set', () => {
  it('is drawn member by member', () => {
    const members = Array.from({ length: 16 }, (_, i) => ({
      contributor: `0x${i.toString(16).padStart(40, '0')}` as const,
      reputationBps: 10_000,
      seen: i,
      flagged: i % 2 === 0,
    }))
    const audited = auditedMembers({ beacon: BEACON, isLastRound: false, members })
    expect(audited).to.deep.equal(members.map((member) => isAudited({ beacon: BEACON, ...member })))
    expect(audited[0]).to.equal(true)
    expect(audited).to.include(false)
    expect(auditedMembers({ beacon: BEACON, isLastRound: true, members })).to.deep.equal(
      members.map(() => true),
    )
  })
})
