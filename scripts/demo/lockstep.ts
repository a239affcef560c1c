import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { phaseEnd } from '@assay/sdk/protocol/phases.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import type { DemoChain } from './chain.ts'
import { nextBlockTime, openCourtClock } from './court-clock.ts'
import type { Participant, Processes } from './processes.ts'

/** Seconds between two blocks while there is something to do. */
const BLOCK_SECONDS = 2
/**
 * Blocks in which each validator has had its turn to make a call that anyone can make: to open a case, too. If nobody had anything to
 * do in so many, the court is done.
 */
const TURNS = 14
/** Longest time between two blocks once no round is open. */
const QUIET_SECONDS = 60
/** Cases that take more blocks are stuck. */
const MOST_BLOCKS = 600
/** A participant that takes longer over one block is stuck. */
const PATIENCE_MS = 180_000

type Round = Awaited<ReturnType<typeof readRound>>

export interface Lockstep {
  /** Mines one block, `seconds` after the last one, and waits until everybody has done what is due at it. */
  step(seconds?: number): Promise<void>
  /**
   * Mines a block: the next one while transactions wait or something is due at the court, else one at the end of the round's phase, or
   * when something at the court becomes due. Returns the round afterwards.
   */
  advance(): Promise<Round>
  /** The same without a round: until nothing is due at the court any more, and everybody has got what it owes. */
  endCases(): Promise<void>
}

/**
 * Drives chain and daemons in lockstep: a block is made when everybody is idle at the one before, and the order in a block follows
 * the fees. So two runs with one seed make equal blocks, however fast the machine is.
 */
export function createLockstep(at: {
  chain: DemoChain
  reader: AssayReader
  taskId: bigint
  processes: Processes
  participants: Participant[]
}): Lockstep {
  const { chain, reader, taskId, processes, participants } = at

  async function step(seconds = BLOCK_SECONDS): Promise<void> {
    const next = Number(await chain.client.getBlockNumber()) + 1
    const idle = participants.map(({ name }) =>
      inTime(
        name,
        processes.message(name, 'idle', ({ block = -1 }) => block >= next),
      ),
    )
    await chain.mine(seconds)
    for (const participant of participants) participant.send({ type: 'poll' })
    await Promise.race([Promise.all(idle), processes.failure])
  }

  const court = openCourtClock(reader, taskId)

  async function advance(): Promise<Round> {
    const [waiting, round, { timestamp }] = await Promise.all([
      chain.waitingTransactions(),
      readRound(reader, { taskId }),
      chain.client.getBlock(),
    ])
    const now = Number(timestamp)
    const next = nextBlockTime(await court.deadlines(now, waiting), phaseEnd(round) ?? now, now)
    await step(waiting === 0 ? Math.max(BLOCK_SECONDS, next - now) : BLOCK_SECONDS)
    return readRound(reader, { taskId })
  }

  async function endCases(): Promise<void> {
    // The end of one case, or a seat that is settled late, can lead to another: so everybody has its turns after the last one.
    let freeBlocks = 0
    for (let blocks = 0; freeBlocks < TURNS; blocks++) {
      if (blocks > MOST_BLOCKS) throw new Error('The court does not end its cases: see the logs.')
      const [waiting, { timestamp }] = await Promise.all([
        chain.waitingTransactions(),
        chain.client.getBlock(),
      ])
      const now = Number(timestamp)
      const due = await court.deadlines(now, waiting)
      freeBlocks = due.length > 0 || waiting > 0 ? 0 : freeBlocks + 1
      const next = due.length > 0 ? nextBlockTime(due, now + QUIET_SECONDS, now) : now
      await step(waiting === 0 ? Math.max(BLOCK_SECONDS, next - now) : BLOCK_SECONDS)
    }
  }

  return { step, advance, endCases }
}

async function inTime(name: string, idle: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} did not finish a block within ${PATIENCE_MS / 1000} s.`)),
      PATIENCE_MS,
    ).unref() // must not keep this process alive
  })
  try {
    await Promise.race([idle, late])
  } finally {
    clearTimeout(timer)
  }
}
