import { expect } from 'chai'
import { parseEther, zeroHash } from 'viem'
import { latestAttempt, recordDuty, transactionsOf } from './duty-log.ts'
import { duty, type OutboxScene, RECIPIENT, startOutboxScene } from './fixtures/outbox-scene.ts'
import type { Outbox } from './outbox.ts'
import { CANCELLED } from './outbox-cancel.ts'

describe('a duty whose phase is over', () => {
  let scene: OutboxScene
  let outbox: Outbox
  /** Unix seconds of the newest block. */
  let now: number

  before(async () => {
    scene = await startOutboxScene()
  })
  beforeEach(async () => {
    await scene.begin()
    outbox = scene.open()
    const block = await scene.mine()
    await outbox.update(block)
    now = Number(block.timestamp)
  })
  afterEach(() => scene.end())
  after(() => scene.stop())

  const pay = (endsAt: number) => ({ ...duty('pay'), call: scene.transfer(5n), endsAt })
  const attempt = () => latestAttempt(scene.db, duty('pay'))

  it('is not sent, nor signed if only its call is on record', async () => {
    expect(await outbox.post(pay(now))).to.include({ status: 'refused', errorName: 'PhaseOver' })
    expect(outbox.stateOf(duty('pay'))).to.equal('none')

    recordDuty(scene.db, duty('pay'), 1, { ...scene.transfer(5n), endsAt: now })
    expect(await outbox.post(pay(now))).to.include({ status: 'refused', reason: `its phase ended at ${now}` })
    expect(transactionsOf(scene.db, 1)).to.deep.equal([])
    expect((await outbox.post(pay(now + 1))).status).to.equal('sent')
  })

  it('is cancelled at the lowest price if the node lost its transaction', async () => {
    const before = await scene.nonce()
    const lossy = scene.open(scene.readerThat({ eth_sendRawTransaction: () => zeroHash }))
    await lossy.update(await scene.mine())
    await lossy.post(pay(now + 1_000))

    const late = { ...(await scene.mine()), timestamp: BigInt(now + 1_000) }
    await outbox.update(late)
    const [cancellation, payment] = transactionsOf(scene.db, attempt()!.id)
    expect(cancellation).to.include({ nonce: payment!.nonce, gas: '21000', cancels: 1 })
    await scene.mineAndUpdate(outbox)

    expect(attempt()).to.include({ state: 'reverted', reason: CANCELLED })
    expect(await scene.balanceOf(RECIPIENT)).to.equal(0n)
    expect((await scene.nonce()) - before).to.equal(1)
    expect((await outbox.post({ ...duty('next'), call: scene.transfer(1n) })).status).to.equal('sent')
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('next'))).to.equal('mined')
  })

  it('is cancelled, not sent, after a start', async () => {
    const failure = await scene
      .open(scene.deafReader())
      .post(pay(now + 1_000))
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(Error)
    expect(outbox.stateOf(duty('pay'))).to.equal('signed')

    const restarted = scene.open()
    const late = { ...(await scene.mine()), timestamp: BigInt(now + 1_000) }
    await restarted.recover(late)
    expect(restarted.stateOf(duty('pay')), 'nothing was sent').to.equal('signed')
    await restarted.update(late)
    await scene.mineAndUpdate(restarted)
    expect(attempt()).to.include({ state: 'reverted', reason: CANCELLED })
    expect(await scene.balanceOf(RECIPIENT)).to.equal(0n)
    expect(restarted.pendingCount()).to.equal(0)
  })

  it('is done if its own transaction was faster', async () => {
    await outbox.post(pay(now + 1_000))
    await scene.chain.mine()
    await outbox.update({ ...(await scene.mine()), timestamp: BigInt(now + 1_000) })
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('is cancelled for good, through a reorganisation and with an empty wallet', async () => {
    await outbox.post(pay(now + 1_000))
    const { hash } = transactionsOf(scene.db, 1)[0]!
    await scene.chain.client.dropTransaction({ hash })
    const late = async (reorganised = false) => ({
      ...(await scene.mine(reorganised)),
      timestamp: BigInt(now + 1_000),
    })
    const before = await scene.chain.snapshot()
    await outbox.update(await late())
    await outbox.update(await late())
    expect(attempt()).to.include({ state: 'reverted', reason: CANCELLED })

    await scene.chain.revert(before)
    await scene.fund(0n)
    await outbox.update(await late(true))
    expect(outbox.pendingCount()).to.equal(1)
    await scene.fund(parseEther('1'))
    for (let i = 0; i < 2; i++) await outbox.update(await late())
    expect(attempt()).to.include({ state: 'reverted', reason: CANCELLED })
    expect(await scene.balanceOf(RECIPIENT)).to.equal(0n)
  })
})
