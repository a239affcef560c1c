import { latestAttempt, recordDuty, setDutyState } from '@assay/daemon/duty-log.ts'
import { seedOf } from '@assay/engine/fixtures/small-tasks.ts'
import { blobHash } from '@assay/engine/hash.ts'
import { serializeState } from '@assay/engine/package/state.ts'
import { generateEncryptionKeys } from '@assay/sdk/protocol/encryption.ts'
import { signEncryptedBlob } from '@assay/store/encrypted-blob.ts'
import { evidenceKey as recordKey } from '@assay/store/records.ts'
import { expect } from 'chai'
import { hexToBytes, keccak256, toHex, zeroAddress } from 'viem'
import { answer, openRequests } from './evidence-duty.ts'
import { makeWorkplace, type OpenContext, type Workplace } from './fixtures/workplace.ts'
import { earlierWork } from './open-duty.ts'
import { submitDutyName } from './submit-duty.ts'
import { ensureWork } from './work.ts'
import type { Work } from './work-log.ts'

const HELD_ROUND = 1
const LAST_ROUND = 3
const [first, second] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`] as const

describe('the windows that a contributor shows', () => {
  let place: Workplace
  let context: OpenContext

  let held: Work
  let last: Work

  before(async () => {
    place = await makeWorkplace()
    context = await place.open()
    const { spec, init } = place.contents
    const basis = { baseModelHash: blobHash(serializeState(spec, init)), previousBeacon: seedOf('beacon') }
    held = (await ensureWork(context, { ...basis, round: HELD_ROUND }, 0))!
    last = (await ensureWork(context, { ...basis, round: LAST_ROUND }, 0))!
    const name = { taskId: 1n, round: HELD_ROUND, duty: submitDutyName(held) }
    recordDuty(context.db, name, 1, { to: zeroAddress, data: '0x' })
    setDutyState(context.db, latestAttempt(context.db, name)!.id, 'mined', { blockNumber: 7n })
    await earlierWork(context, HELD_ROUND)
  })
  after(async () => {
    await context.close()
    await place.remove()
  })

  it('are those of a held round again that were shown when it was not held yet', async () => {
    const { works } = context
    const validators = [first, second]
    const then = { window: 1, heldRound: undefined, validators }
    const now = { window: 1, heldRound: HELD_ROUND, validators }

    works.markAnswered(held, { drawRound: HELD_ROUND, window: 1, validator: first }, seedOf('blob'))
    expect(openRequests(context, held, { requests: [then] })).to.deep.equal([
      { ...then, validators: [second] },
    ])
    expect(openRequests(context, last, { requests: [now] })).to.deep.equal([now])
    for (const validator of validators)
      works.markAnswered(held, { drawRound: LAST_ROUND, window: 1, validator }, seedOf('blob'))
    expect(openRequests(context, last, { requests: [now] })).to.deep.equal([])
  })

  it('come to the others though one reader got it under a key that it no longer has', async () => {
    const { store, account } = context
    const [keyOfFirst, keyOfSecond] = [first, second].map((one) => recordKey(held.commitment, 2, one))
    const blob = await store.put(new Uint8Array(1))
    const former = { blob, sizeBytes: 1, encryptedKey: '0x' } as const
    await store.putRecord(keyOfFirst!, await signEncryptedBlob(keyOfFirst!, former, account))
    const { publicKey } = generateEncryptionKeys(hexToBytes(seedOf('validator')))
    const encryptionKey = toHex(publicKey)
    const chain = { readContract: async () => keccak256(encryptionKey) }
    const asking = { ...context, reader: { ...context.reader, chain } } as unknown as OpenContext
    const request = { window: 2, heldRound: HELD_ROUND, validators: [first, second] }
    const demand = { beacon: seedOf('draw'), windows: [`${HELD_ROUND}/2`], requests: [request] }
    const keys = new Map([first, second].map((one) => [one, encryptionKey]))

    await answer(asking, { work: last, demand, request }, keys)
    expect(await store.getRecord(keyOfSecond!)).to.be.instanceOf(Uint8Array)
    expect(openRequests(context, last, demand)).to.deep.equal([])
  })
})
