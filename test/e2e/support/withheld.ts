import { openDaemonDatabase } from '@assay/daemon/database.ts'
import { openTold } from '@assay/daemon/told.ts'
import { accuseWithholders } from '@assay/oracle/accuse-withholders.ts'
import { openDocket } from '@assay/oracle/docket.ts'
import type { OracleContext } from '@assay/oracle/oracle-context.ts'
import { rememberUpdates, SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { findWithheld } from '@assay/oracle/withheld-openings.ts'
import { readPageProof } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { type Address, zeroHash } from 'viem'
import type { Scene } from './scene.ts'

const ROUND = 1

/** What an oracle needs to look for withheld openings, with no more around it. */
function contextOf({ reader, store, taskId }: Scene, log: object) {
  const db = openDaemonDatabase(':memory:', [SEEN_UPDATES_MIGRATION])
  const config = { taskId, courtBudgetWei: 1n }
  return {
    reader,
    db,
    store,
    config,
    log,
    docket: openDocket(),
    told: openTold(),
  } as unknown as OracleContext
}

/** Whose openings of round 1 an oracle can't find. @param seen whose opening it has seen before */
export async function withheldFrom(scene: Scene, { seen }: { seen?: Address } = {}): Promise<Address[]> {
  const { chain, reader, taskId } = scene
  const context = contextOf(scene, {})
  if (seen !== undefined) {
    const { index } = await readPageProof(reader, { taskId, round: ROUND, contributor: seen })
    const update = { taskId, round: ROUND, contributor: seen, updateHash: zeroHash }
    rememberUpdates(context.db, [{ ...update, submission: Number(index) }])
  }
  const blockNumber = await chain.client.getBlockNumber({ cacheTime: 0 })
  const found = await findWithheld(context, { round: ROUND, blockNumber })
  context.db.close()
  return (found?.withheld ?? []).map(({ contributor }) => contributor)
}

/** Lets an oracle whose store doesn't answer look for withheld openings some times. @returns what it logs */
export async function accuseWithoutStore(scene: Scene, times: number): Promise<string[]> {
  const said: string[] = []
  const context = contextOf(scene, { warn: (_: object, text: string) => void said.push(text) })
  const getRecord = async () => Promise.reject(new StoreError('unavailable', 'away'))
  const deaf = { ...context, store: { ...scene.store, getRecord } }
  const state = await readRound(scene.reader, { taskId: scene.taskId })
  const { baseFeePerGas, ...head } = await scene.chain.client.getBlock()
  const block = { ...head, baseFeePerGas: baseFeePerGas ?? 0n, reorganised: false }
  for (let time = 0; time < times; time++) await accuseWithholders(deaf, { state, block, cases: [] })
  context.db.close()
  return said
}
