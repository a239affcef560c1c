import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { phaseEnd } from '@assay/sdk/protocol/phases.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import type { DemoChain } from './chain.ts'
import type { Participant, Processes } from './processes.ts'

/** Seconds between two blocks while there is something to do. */
const BLOCK_SECONDS = 2
/** A participant that takes longer over one block is stuck. */
const PATIENCE_MS = 180_000

type Round = Awaited<ReturnType<typeof readRound>>

export interface Lockstep {
  /** Mines one block, `seconds` after the last one, and waits until everybody has done what is due at it. */
  step(seconds?: number): Promise<void>
  /** Mines a block: the next one while transactions wait, else one at the end of the round's phase. Returns the round afterwards. */
  advance(): Promise<Round>
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

  async function advance(): Promise<Round> {
    const [waiting, round, { timestamp }] = await Promise.all([
      chain.waitingTransactions(),
      readRound(reader, { taskId }),
      chain.client.getBlock(),
    ])
    const end = phaseEnd(round)
    const isQuiet = waiting === 0 && end !== undefined && end > Number(timestamp)
    await step(isQuiet ? end - Number(timestamp) : BLOCK_SECONDS)
    return readRound(reader, { taskId })
  }

  return { step, advance }
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
