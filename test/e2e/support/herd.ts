import type { OracleBehaviour } from '@assay/oracle/behaviour.ts'
import type { OracleConfig } from '@assay/oracle/oracle-config.ts'
import { runOracle } from '@assay/oracle/run-oracle.ts'

/** Only for what hangs. */
const PATIENCE_MS = 300_000

/** An oracle running in this process. */
export interface RunningOracle {
  /** Resolves when all due at a block is done. */
  idleAt(block: bigint): Promise<void>
  /** Ends it as SIGTERM would. */
  stop(): Promise<void>
}

/** Starts an oracle in this process. */
export function startOracle(config: OracleConfig, behaviour?: OracleBehaviour): RunningOracle {
  const controller = new AbortController()
  const newBlocks = new EventTarget()
  let done = -1n
  let listeners: (() => void)[] = []
  let failure: unknown
  const wake = () => {
    for (const listener of listeners) listener()
    listeners = []
  }
  const life = runOracle({
    config,
    signal: controller.signal,
    newBlocks,
    onIdle: (block) => {
      done = block
      wake()
    },
    ...(behaviour === undefined ? {} : { behaviour }),
  }).catch((error: unknown) => {
    failure = error
    wake()
  })
  return {
    async idleAt(block) {
      const deadline = performance.now() + PATIENCE_MS
      while (done < block) {
        if (failure !== undefined) throw failure
        if (performance.now() > deadline)
          throw new Error(`an oracle is not idle at block ${block}, its last was ${done}`)
        newBlocks.dispatchEvent(new Event('block'))
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1_000)
          listeners.push(() => {
            clearTimeout(timer)
            resolve()
          })
        })
      }
    },
    async stop() {
      controller.abort()
      await life
      if (failure !== undefined) throw failure
    },
  }
}

/** Waits until all oracles are idle at a block. */
export async function allIdle(oracles: readonly RunningOracle[], block: bigint): Promise<void> {
  await Promise.all(oracles.map((oracle) => oracle.idleAt(block)))
}

/** Blocks until each of seven validators has had its turn. */
export const TURNS = 24

/** Mines until something has happened. @throws Error if it hasn't by the time that every validator has had its turn */
export async function mineUntil(mine: () => Promise<void>, isDone: () => Promise<boolean>): Promise<void> {
  for (let block = 0; block < TURNS; block++) {
    if (await isDone()) return
    await mine()
  }
  throw new Error(`it didn't happen within ${TURNS} blocks`)
}
