import { openTold } from '@assay/daemon/told.ts'
import type { CaseKind } from '@assay/sdk/protocol/cases.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import type { OracleContext } from '../oracle-context.ts'
import { openJuryWork, type PanelCase } from './jury-work.ts'

const PANEL = 5n

/** What a juror says of a case after a look that reads this of the chain and the stores. */
async function lookWith(kind: CaseKind, read: () => Promise<never>, ms = 60_000): Promise<unknown> {
  const context = {
    config: { taskId: 1n },
    reader: { chain: { readContract: read }, deployment: { contracts: {} } },
    signal: new AbortController().signal,
    told: openTold(),
  } as unknown as OracleContext
  const one = { facts: { kind, taskId: 1n }, state: { panel: { id: PANEL } } } as unknown as PanelCase
  const jury = openJuryWork()
  jury.begin(context, one, { at: 0, ms, blockNumber: 1n })
  await jury.tried()
  return jury.look(PANEL)?.found
}

describe('a juror whose stores do not answer', () => {
  const away = async () => Promise.reject(new StoreError('unavailable', 'away'))
  const hangs = () => new Promise<never>(() => undefined)

  it('can say nothing of a window that the defendant owes: an outage must not convict', async () => {
    expect(await lookWith('windowWithheld', away)).to.equal('cannot')
    expect(await lookWith('windowWithheld', hangs, 1)).to.equal('cannot')
  })

  it('says of evidence that the challenger owes that it is missing', async () => {
    expect(await lookWith('falseStep', away)).to.equal('missing')
    expect(await lookWith('falseStep', hangs, 1)).to.equal('missing')
  })
})
