import type { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { createPublicClient, custom, encodeFunctionData, erc20Abi, type Hex, HttpRequestError } from 'viem'
import { startChain, type TestAccount, type TestChain } from '../../test/e2e/support/chain.ts'
import type { AssayReader } from '../clients.ts'
import { connectReader } from '../clients.ts'
import type { Block } from './clock.ts'
import { openDaemonDatabase } from './database.ts'
import { recordDuty, transactionsOf } from './duty-log.ts'
import { createLogger } from './logging.ts'
import { type Outbox, openOutbox } from './outbox.ts'

const log = createLogger({ role: 'test', level: 'silent' })
const RECIPIENT = `0x${'99'.repeat(20)}` as const

describe('the outbox', function () {
  this.timeout(30_000)
  let chain: TestChain
  let reader: AssayReader
  let sender: TestAccount
  let db: DatabaseSync
  let outbox: Outbox
  let clean: Hex

  before(async () => {
    chain = await startChain({ accounts: 2 })
    reader = await connectReader({ deployment: chain.deployment, rpcUrl: chain.rpcUrl })
    sender = chain.accounts[0]!
  })

  beforeEach(async () => {
    clean = await chain.snapshot()
    db = openDaemonDatabase(':memory:', [])
    outbox = open()
  })

  afterEach(async () => {
    db.close()
    await chain.revert(clean)
  })

  after(() => chain.stop())

  const open = (by: AssayReader = reader) =>
    openOutbox({ db, reader: by, account: sender, log, resendAfterBlocks: 3 })
  const duty = (name: string) => ({ taskId: 1n, round: 1, duty: name })
  const transfer = (amount: bigint) => ({
    to: chain.deployment.contracts.assayToken,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [RECIPIENT, amount] }),
  })
  const balanceOf = (account: `0x${string}`) =>
    reader.chain.readContract({
      address: chain.deployment.contracts.assayToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account],
    })
  const nonce = () => chain.client.getTransactionCount({ address: sender.address })

  async function mine(reorganised = false): Promise<Block> {
    const block = await chain.mine()
    return {
      ...block,
      number: block.number!,
      hash: block.hash!,
      baseFeePerGas: block.baseFeePerGas!,
      reorganised,
    }
  }

  async function mineAndUpdate(of = outbox): Promise<void> {
    await of.update(await mine())
  }

  it('sends a duty once, however often it is asked', async () => {
    const first = await outbox.post({ ...duty('pay'), call: transfer(5n) })
    const second = await outbox.post({ ...duty('pay'), call: transfer(5n) })
    expect(first.status).to.equal('sent')
    expect(second).to.deep.equal({ status: 'pending', hash: (first as { hash: Hex }).hash })
    await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect((await outbox.post({ ...duty('pay'), call: transfer(5n) })).status).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('gives the duties of one block nonces in a row', async () => {
    const before = await nonce()
    for (const name of ['a', 'b', 'c']) await outbox.post({ ...duty(name), call: transfer(1n) })
    expect(outbox.pendingCount()).to.equal(3)
    await mineAndUpdate()
    expect((await nonce()) - before).to.equal(3)
    expect(outbox.pendingCount()).to.equal(0)
    expect(await balanceOf(RECIPIENT)).to.equal(3n)
  })

  it('keeps no trace of a call that the node refuses, and takes it later', async () => {
    const balance = await balanceOf(sender.address)
    const refused = await outbox.post({ ...duty('pay'), call: transfer(balance + 1n) })
    expect(refused.status).to.equal('refused')
    expect(outbox.stateOf(duty('pay'))).to.equal('none')
    expect((await outbox.post({ ...duty('pay'), call: transfer(1n) })).status).to.equal('sent')
  })

  it('signs what was recorded before a crash, not what is asked for after it', async () => {
    recordDuty(db, duty('pay'), 1, transfer(7n))
    await outbox.post({ ...duty('pay'), call: transfer(8n) })
    await mineAndUpdate()
    expect(await balanceOf(RECIPIENT)).to.equal(7n)
  })

  it('sends after a restart what was signed but never left', async () => {
    const failure = await open(deafReader())
      .post({ ...duty('pay'), call: transfer(5n) })
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(HttpRequestError)
    expect(outbox.stateOf(duty('pay'))).to.equal('signed')

    const reborn = open()
    await reborn.recover()
    await reborn.recover()
    await mineAndUpdate(reborn)
    expect(reborn.stateOf(duty('pay'))).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('leaves the nonce alone of what was signed but never left', async () => {
    const before = await nonce()
    const failure = await open(deafReader())
      .post({ ...duty('first'), call: transfer(5n) })
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(HttpRequestError)
    await outbox.post({ ...duty('second'), call: transfer(7n) })
    await outbox.recover()
    await mineAndUpdate()
    expect((await nonce()) - before).to.equal(2)
    expect(await balanceOf(RECIPIENT)).to.equal(12n)
  })

  it('tries again what the chain reverted, as often as it may', async () => {
    const balance = await balanceOf(sender.address)
    await outbox.post({ ...duty('first'), call: transfer(balance) })
    await outbox.post({ ...duty('late'), call: transfer(balance) })
    await mineAndUpdate()
    expect(outbox.stateOf(duty('late'))).to.equal('reverted')

    const noMore = await outbox.post({ ...duty('late'), call: transfer(0n), maxAttempts: 1 })
    expect(noMore.status).to.equal('exhausted')
    expect((noMore as { reason: string }).reason).to.match(/^reverted in block \d+ \(transaction 0x/)
    expect((await outbox.post({ ...duty('late'), call: transfer(0n) })).status).to.equal('sent')
    await mineAndUpdate()
    expect(outbox.stateOf(duty('late'))).to.equal('mined')
  })

  it('sends again with a higher fee and the same nonce when the node lost it', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: transfer(5n) })) as { hash: Hex }
    await chain.client.dropTransaction({ hash: posted.hash })
    for (let i = 0; i < 4; i++) await mineAndUpdate()
    await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
    const [newest, oldest] = transactionsOf(db, 1)
    expect(newest!.nonce).to.equal(oldest!.nonce)
    expect(BigInt(newest!.max_fee_wei) > BigInt(oldest!.max_fee_wei)).to.equal(true)
  })

  it('says so when another program used its nonce', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: transfer(5n) })) as { hash: Hex }
    await chain.client.dropTransaction({ hash: posted.hash })
    await chain.send(sender, transfer(1n))
    for (let i = 0; i < 6; i++) await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('reverted')
    await outbox.post({ ...duty('pay'), call: transfer(5n) })
    await mineAndUpdate()
    expect(await balanceOf(RECIPIENT)).to.equal(6n)
  })

  it('sends again what a reorganisation took back', async () => {
    const before = await chain.snapshot()
    await outbox.post({ ...duty('pay'), call: transfer(5n) })
    await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')

    await chain.revert(before)
    await mine()
    await outbox.update(await mine(true))
    expect(outbox.stateOf(duty('pay'))).to.equal('sent')
    await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
  })

  /** A node that answers questions and loses what is sent to it. */
  function deafReader(): AssayReader {
    const transport = custom({
      async request({ method, params }: { method: string; params: never }) {
        if (method === 'eth_sendRawTransaction') throw new HttpRequestError({ url: chain.rpcUrl })
        return reader.chain.request({ method, params } as never)
      },
    })
    return { ...reader, chain: createPublicClient({ transport }) }
  }
})
