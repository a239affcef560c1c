import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { latestAttempt, recordDuty, setDutyState } from '@assay/daemon/duty-log.ts'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { evidenceKey } from '@assay/store/records.ts'
import { expect } from 'chai'
import { zeroAddress } from 'viem'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { earlierWork } from './open-duty.ts'
import { submitDutyName } from './submit-duty.ts'
import { ensureWork } from './work.ts'

describe('the work of an earlier round', () => {
  let place: Workplace
  let context: OpenContext

  before(async () => {
    place = await makeWorkplace()
    context = await place.open()
  })
  after(async () => {
    await context.close()
    await place.remove()
  })

  it('can be shown though this disk no longer has its opening, and the store still has it', async () => {
    const { spec, init } = place.contents
    const base = serializeState(spec, init)
    const basis = { round: 1, baseModelHash: blobHash(base), previousBeacon: seedOf('beacon') }
    const work = (await ensureWork(context, basis, 0))!
    const name = { taskId: 1n, round: 1, duty: submitDutyName(work) }
    recordDuty(context.db, name, 1, { to: zeroAddress, data: '0x' })
    setDutyState(context.db, latestAttempt(context.db, name)!.id, 'mined', { blockNumber: 7n })
    await earlierWork(context, 1)
    await context.uploads.tried()
    await context.close()
    await rm(join(place.dir, 'data', 'outgoing'), { recursive: true })

    context = await place.open()
    expect((await earlierWork(context, 1))?.commitment).to.equal(work.commitment)
    const key = evidenceKey(work.commitment, 0, zeroAddress)
    const blob = await context.store.put(base)
    const record = { blob, sizeBytes: base.length, encryptedKey: '0x' } as const
    await context.store.putRecord(key, await signEncryptedBlob(key, record, context.account))
    expect(await context.store.getRecord(key)).to.be.instanceOf(Uint8Array)
  })
})
