import { openDaemonDatabase } from '@assay/daemon/database.ts'
import type { PostRequest } from '@assay/daemon/outbox.ts'
import { openTold } from '@assay/daemon/told.ts'
import { accuseWithholders } from '@assay/oracle/accuse-withholders.ts'
import { openDocket } from '@assay/oracle/docket.ts'
import type { OracleContext } from '@assay/oracle/oracle-context.ts'
import { rememberUpdates, SEEN_UPDATES_MIGRATION } from '@assay/oracle/seen-updates.ts'
import { findWithheld } from '@assay/oracle/withheld-openings.ts'
import { readPageProof } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readRound } from '@assay/sdk/verbs/rounds/read-round.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { type Address, parseEther, zeroHash } from 'viem'
import type { TestAccount } from './chain.ts'
import type { Scene } from './scene.ts'

const ROUND = 1
/** Blocks in which each of seven validators has two turns, for an approval and a commitment, and then opens a case. */
const TURNS = 16

/** What an oracle needs to look for withheld openings, with no more around it. */
function contextOf({ reader, store, taskId }: Pick<Scene, 'reader' | 'store' | 'taskId'>, log: object) {
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
  const { reader, taskId } = scene
  const context = contextOf(scene, {})
  if (seen !== undefined) {
    const { index } = await readPageProof(reader, { taskId, round: ROUND, contributor: seen })
    const update = { taskId, round: ROUND, contributor: seen, updateHash: zeroHash }
    rememberUpdates(context.db, [{ ...update, submission: Number(index) }])
  }
  const { withheld } = await findWithheld(context, ROUND)
  context.db.close()
  return withheld.map(({ contributor }) => contributor)
}

/** Lets an oracle whose store doesn't answer look for withheld openings some times. @returns what it logs */
export async function accuseWithoutStore(scene: Scene, times: number): Promise<string[]> {
  const said: string[] = []
  const context = contextOf(scene, { warn: (_: object, text: string) => void said.push(text) })
  const getRecord = async () => Promise.reject(new StoreError('unavailable', 'away'))
  const deaf = { ...context, store: { ...scene.store, getRecord } }
  const moment = await momentOf(scene)
  for (let time = 0; time < times; time++) await accuseWithholders(deaf, moment)
  context.db.close()
  return said
}

type Place = Pick<Scene, 'chain' | 'reader' | 'taskId'>

async function momentOf({ chain, reader, taskId }: Place) {
  const [state, cases] = [await readRound(reader, { taskId }), await readCases(reader, { taskId })]
  const { baseFeePerGas, ...head } = await chain.client.getBlock()
  return { state, block: { ...head, baseFeePerGas: baseFeePerGas ?? 0n, reorganised: false }, cases }
}

/** Lets a validator's oracle, whose stores have no opening, accuse whom it can, block by block. @returns what it posted */
export async function accuseWithEmptyStore(place: Place, account: TestAccount): Promise<string[]> {
  const posted: string[] = []
  const post = async ({ duty, call }: PostRequest) => {
    await place.chain.send(account, call)
    posted.push(duty)
    return { status: 'sent' }
  }
  const store = { getRecord: async () => undefined } as unknown as Scene['store']
  const context = contextOf({ ...place, store }, { warn: () => undefined, debug: () => undefined })
  const config = { taskId: place.taskId, courtBudgetWei: parseEther('1000'), keeperStaggerSeconds: 0 }
  const oracle = { ...context, config, account, outbox: { post } } as unknown as OracleContext
  for (let block = 0; block < TURNS; block++) {
    await place.chain.mine()
    await accuseWithholders(oracle, await momentOf(place))
  }
  context.db.close()
  return posted
}
