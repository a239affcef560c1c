import { expect } from 'chai'
import { type Hex, HttpRequestError, parseEther, toHex } from 'viem'
import { latestAttempt, recordDuty, transactionsOf } from './duty-log.ts'
import { duty, type OutboxScene, RECIPIENT, startOutboxScene } from './fixtures/outbox-scene.ts'
import type { Outbox } from './outbox.ts'

describe('the outbox', () => {
  let scene: OutboxScene
  let outbox: Outbox

  before(async () => {
    scene = await startOutboxScene()
  })
  beforeEach(async () => {
    await scene.begin()
    outbox = scene.open()
  })
  afterEach(() => scene.end())
  after(() => scene.stop())

  it('sends a duty once, however often it is asked', async () => {
    const first = await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    const second = await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    expect(first.status).to.equal('sent')
    expect(second).to.deep.equal({ status: 'pending', hash: (first as { hash: Hex }).hash })
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect((await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })).status).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('tells how far a duty had come at a block, though it knows of later ones', async () => {
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    const block = await scene.mine()
    await outbox.update(block)
    const { number } = block
    const states = [number - 1n, number, number + 1n].map((at) => outbox.stateOf(duty('pay'), at))
    expect(states).to.deep.equal(['sent', 'mined', 'mined'])
    expect(outbox.stateOf(duty('other'), number)).to.equal('none')
  })

  it('gives the duties of one block nonces in a row', async () => {
    const before = await scene.nonce()
    for (const name of ['a', 'b', 'c']) await outbox.post({ ...duty(name), call: scene.transfer(1n) })
    expect(outbox.pendingCount()).to.equal(3)
    await scene.mineAndUpdate(outbox)
    expect((await scene.nonce()) - before).to.equal(3)
    expect(outbox.pendingCount()).to.equal(0)
    expect(await scene.balanceOf(RECIPIENT)).to.equal(3n)
  })

  it('keeps no trace of a call that the node refuses, and posts it later', async () => {
    const balance = await scene.balanceOf(scene.sender.address)
    const refused = await outbox.post({ ...duty('pay'), call: scene.transfer(balance + 1n) })
    expect(refused.status).to.equal('refused')
    expect(outbox.stateOf(duty('pay'))).to.equal('none')
    expect((await outbox.post({ ...duty('pay'), call: scene.transfer(1n) })).status).to.equal('sent')
  })

  it('signs the call recorded before a crash, not the one asked for after it', async () => {
    recordDuty(scene.db, duty('pay'), 1, scene.transfer(7n))
    await outbox.post({ ...duty('pay'), call: scene.transfer(8n) })
    await scene.mineAndUpdate(outbox)
    expect(await scene.balanceOf(RECIPIENT)).to.equal(7n)
  })

  it('sends after a restart what was signed but never sent', async () => {
    const failure = await scene
      .open(scene.deafReader())
      .post({ ...duty('pay'), call: scene.transfer(5n) })
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(HttpRequestError)
    expect(outbox.stateOf(duty('pay'))).to.equal('signed')

    const restarted = scene.open()
    await restarted.recover(await scene.mine())
    await restarted.recover(await scene.mine())
    await scene.mineAndUpdate(restarted)
    expect(restarted.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('does not reuse the nonce of what was signed but never sent', async () => {
    const before = await scene.nonce()
    const failure = await scene
      .open(scene.deafReader())
      .post({ ...duty('first'), call: scene.transfer(5n) })
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(HttpRequestError)
    await outbox.post({ ...duty('second'), call: scene.transfer(7n) })
    await outbox.recover(await scene.mine())
    await scene.mineAndUpdate(outbox)
    expect((await scene.nonce()) - before).to.equal(2)
    expect(await scene.balanceOf(RECIPIENT)).to.equal(12n)
  })

  it('tries again what the chain reverted, as often as it may', async () => {
    const balance = await scene.balanceOf(scene.sender.address)
    await outbox.post({ ...duty('first'), call: scene.transfer(balance) })
    await outbox.post({ ...duty('late'), call: scene.transfer(balance) })
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('late'))).to.equal('reverted')

    const noMore = await outbox.post({ ...duty('late'), call: scene.transfer(0n), maxAttempts: 1 })
    expect(noMore.status).to.equal('exhausted')
    expect((noMore as { reason: string }).reason).to.match(/^reverted in block \d+ \(transaction 0x/)
    expect((await outbox.post({ ...duty('late'), call: scene.transfer(0n) })).status).to.equal('sent')
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('late'))).to.equal('mined')
  })

  it('sends again with a higher fee and the same nonce when the node lost it', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })) as { hash: Hex }
    await scene.chain.client.dropTransaction({ hash: posted.hash })
    for (let i = 0; i < 4; i++) await scene.mineAndUpdate(outbox)
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
    const [newest, oldest] = transactionsOf(scene.db, 1)
    expect(newest!.nonce).to.equal(oldest!.nonce)
    expect(BigInt(newest!.max_fee_wei) > BigInt(oldest!.max_fee_wei)).to.equal(true)
  })

  it('says so when another program used its nonce', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })) as { hash: Hex }
    await scene.chain.client.dropTransaction({ hash: posted.hash })
    await scene.chain.send(scene.sender, scene.transfer(1n))
    for (let i = 0; i < 6; i++) await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('reverted')
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    await scene.mineAndUpdate(outbox)
    expect(await scene.balanceOf(RECIPIENT)).to.equal(6n)
  })

  it('counts the transactions of its account that it did not sign', async () => {
    await outbox.post({ ...duty('own'), call: scene.transfer(1n) })
    expect(await outbox.strangersInFlight()).to.equal(0)
    scene.db.exec('DELETE FROM transactions')
    expect(await outbox.strangersInFlight(), 'as after the loss of its database').to.equal(1)
    await scene.mine()
    expect(await outbox.strangersInFlight()).to.equal(0)
  })

  it('sends again what a reorganisation took back', async () => {
    const before = await scene.chain.snapshot()
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')

    await scene.chain.revert(before)
    await scene.mine()
    await outbox.update(await scene.mine(true))
    expect(outbox.stateOf(duty('pay'))).to.equal('sent')
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('sends again after a start what lost its block while no daemon ran', async () => {
    const before = await scene.chain.snapshot()
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    await scene.mineAndUpdate(outbox)

    await scene.chain.revert(before)
    await scene.chain.mine()
    const restarted = scene.open()
    await restarted.recover(await scene.mine())
    await scene.mineAndUpdate(restarted)
    expect(restarted.stateOf(duty('pay'))).to.equal('sent')
    await scene.mineAndUpdate(restarted)
    expect(restarted.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('does not lose sight of what a reorganisation took back from a node that is slow to notice', async () => {
    let staleNonce: Hex | undefined
    const slow = scene.open(scene.readerThat({ eth_getTransactionCount: () => staleNonce }))
    const before = await scene.chain.snapshot()
    const balance = await scene.balanceOf(scene.sender.address)
    for (const name of ['first', 'late']) await slow.post({ ...duty(name), call: scene.transfer(balance) })
    await scene.mineAndUpdate(slow)
    const statesOf = () => [slow.stateOf(duty('first')), slow.stateOf(duty('late'))]
    expect(statesOf()).to.deep.equal(['mined', 'reverted'])

    staleNonce = toHex(await scene.nonce())
    await scene.chain.revert(before)
    await scene.chain.mine()
    await slow.update(await scene.mine(true))
    staleNonce = undefined
    await scene.mineAndUpdate(slow)
    expect(statesOf()).to.deep.equal(['sent', 'sent'])
    await scene.mineAndUpdate(slow)
    expect(statesOf()).to.deep.equal(['mined', 'reverted'])
    expect(await scene.nonce()).to.equal(transactionsOf(scene.db, 2)[0]!.nonce + 1)
  })

  it('does not lose sight of it when the wallet cannot pay for it at that moment', async () => {
    const before = await scene.chain.snapshot()
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    await scene.mineAndUpdate(outbox)

    await scene.chain.revert(before)
    await scene.fund(0n)
    await scene.chain.mine()
    await outbox.update(await scene.mine(true))
    expect(outbox.pendingCount()).to.equal(1)
    await scene.fund(parseEther('1'))
    await scene.mineAndUpdate(outbox)
    await scene.mineAndUpdate(outbox)
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('gives up once, not again at every start', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })) as { hash: Hex }
    await scene.chain.client.dropTransaction({ hash: posted.hash })
    await scene.chain.send(scene.sender, scene.transfer(1n))
    for (let i = 0; i < 6; i++) await scene.mineAndUpdate(outbox)
    const given = latestAttempt(scene.db, duty('pay'))
    const restarted = scene.open()
    for (let i = 0; i < 7; i++) await restarted.update({ ...(await scene.mine()), reorganised: true })
    expect(latestAttempt(scene.db, duty('pay'))).to.deep.equal(given)
  })
})
