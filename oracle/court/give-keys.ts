import type { Block } from '@assay/daemon/clock.ts'
import { appealsIn } from '@assay/daemon/court-bonds.ts'
import { STORES_MS, signalWithin } from '@assay/daemon/time-limit.ts'
import { commitEndOf } from '@assay/sdk/protocol/cases.ts'
import { announceKeysCall } from '@assay/sdk/verbs/court/announce-keys.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJurorKeys } from '@assay/sdk/verbs/court/read-juror.ts'
import { readKeyAnnouncements } from '@assay/sdk/verbs/court/read-key-announcements.ts'
import { readSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { writeCaseKeys } from '@assay/store/case-evidence.ts'
import { hexToBytes } from 'viem'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'
import { knownCaseKey } from './case-evidence.ts'
import type { PanelCase } from './jury-work.ts'
import { restoreEvidence } from './kept-steps.ts'
import { restorePool } from './open-accusation.ts'
import { hasPanel } from './sit.ts'

/** Share of the time for commitments after which jurors of an earlier panel give the key that nobody else gave. */
const PATIENCE = 0.25

/**
 * Gives the jurors of each drawn panel the key to the case's evidence, if this oracle has it: at once where it accuses or appealed; if
 * it only sat in an earlier panel, once nobody else has given one.
 */
export async function giveKeys(
  context: OracleContext,
  cases: readonly CourtCase[],
  block: Block,
): Promise<void> {
  for (const one of cases) {
    if (!hasPanel(one) || one.state.isClosed || one.state.panel.status !== 'committing') continue
    const key = knownCaseKey(context, one.facts.evidence)
    if (key === undefined || !(await isDue(context, one, block))) continue
    try {
      await give(context, one, { key, block })
    } catch (error) {
      // The store may be back before the panel's time is over.
      if (!(error instanceof StoreError)) throw error
      if (context.told.isNews('case keys', `${one.caseId} ${error.message}`))
        context.log.warn(
          { case: Number(one.caseId), reason: error.message },
          'no store takes the key for jurors',
        )
    }
  }
}

async function isDue(context: OracleContext, one: PanelCase, { number, timestamp }: Block): Promise<boolean> {
  const { account, reader, outbox, config } = context
  if (outbox.stateOf({ taskId: config.taskId, round: 0, duty: dutyOf(one) }) !== 'none') return false
  const own = account.address.toLowerCase()
  const isOwn = (address: string) => address.toLowerCase() === own
  if (isOwn(one.facts.challenger)) return true
  if ((await appealsIn(context, one)).some(({ appellant }) => isOwn(appellant))) return true
  const { caseId, openedBlock, state } = one
  const commitEnd = commitEndOf(state.panel, await courtTerms(context))
  if (Number(timestamp) < state.panel.drawnAt + PATIENCE * (commitEnd - state.panel.drawnAt)) return false
  const of = { caseId, panelId: state.panel.id, openedBlock, blockNumber: number }
  return state.instance > 0 && (await readKeyAnnouncements(reader, of)).length === 0
}

async function give(
  context: OracleContext,
  one: PanelCase,
  { key, block }: { key: Uint8Array; block: Block },
): Promise<void> {
  const { reader, store, outbox, config, log } = context
  const { caseId, facts, state } = one
  const [seats, encryptionKeys] = await Promise.all([
    readSeats(reader, { panel: state.panel }),
    readJurorKeys(reader, { blockNumber: block.number }),
  ])
  const jurors = seats.flatMap(({ juror }) => {
    const encryptionKey = encryptionKeys.get(juror.toLowerCase())
    return encryptionKey === undefined ? [] : [{ juror, encryptionKey: hexToBytes(encryptionKey) }]
  })
  const signal = signalWithin(context, STORES_MS)
  await restoreEvidence(context, facts, signal)
  await restorePool(context, facts, signal)
  const keysBlob = await store.put(writeCaseKeys(key, facts.evidence, jurors))
  const call = announceKeysCall(reader.deployment, { caseId, panelId: state.panel.id, keysBlob })
  const endsAt = commitEndOf(state.panel, await courtTerms(context))
  const name = { taskId: config.taskId, round: 0, duty: dutyOf(one) }
  const result = await outbox.post({ ...name, call, endsAt })
  note(context, facts.round, name.duty, result)
  if (result.status === 'sent')
    log.info({ case: Number(caseId), jurors: jurors.length }, 'gave the jurors the key to the evidence')
}

const dutyOf = ({ caseId, state: { panel } }: PanelCase) =>
  `court/keys/${caseId}/${panel.id}/${panel.drawnAt}`
