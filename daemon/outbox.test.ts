import type { DatabaseSync } from 'node:sqlite'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { connectReader } from '@assay/sdk/client/clients.ts'
import { expect } from 'chai'
import {
  createPublicClient,
  custom,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  HttpRequestError,
  parseEther,
  parseGwei,
  parseTransaction,
  toHex,
  zeroHash,
} from 'viem'
import { startChain, type TestAccount, type TestChain } from '../test/e2e/support/chain.ts'
import type { Block } from './clock.ts'
import { openDaemonDatabase } from './database.ts'
import { latestAttempt, recordDuty, transactionsOf } from './duty-log.ts'
import { createLogger } from './logging.ts'
import { type Outbox, type OutboxOptions, openOutbox } from './outbox.ts'

const log = createLogger({ role: 'test', level: 'silent' })
const RECIPIENT = `0x${'99'.repeat(20)}` as const

describe('the outbox', () => {
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
    // A node that goes back to a snapshot keeps the base fee that an earlier test drove it to.
    await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') })
    await chain.mine()
    db = openDaemonDatabase(':memory:', [])
    outbox = open()
  })

  afterEach(async () => {
    db.close()
    await chain.revert(clean)
  })

  after(() => chain.stop())

  const open = (by: AssayReader = reader, options: Partial<OutboxOptions> = {}) =>
    openOutbox({ db, reader: by, account: sender, log, resendAfterBlocks: 3, ...options })
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

  it('sends again after a start what lost its block while nobody ran', async () => {
    const before = await chain.snapshot()
    await outbox.post({ ...duty('pay'), call: transfer(5n) })
    await mineAndUpdate()

    await chain.revert(before)
    await chain.mine()
    const reborn = open()
    await reborn.recover()
    await mineAndUpdate(reborn)
    expect(reborn.stateOf(duty('pay'))).to.equal('sent')
    await mineAndUpdate(reborn)
    expect(reborn.stateOf(duty('pay'))).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('does not lose sight of what a reorganisation took back from a node that is slow to notice', async () => {
    let staleNonce: Hex | undefined
    const slow = open(readerThat({ eth_getTransactionCount: () => staleNonce }))
    const before = await chain.snapshot()
    const balance = await balanceOf(sender.address)
    for (const name of ['first', 'late']) await slow.post({ ...duty(name), call: transfer(balance) })
    await mineAndUpdate(slow)
    const statesOf = () => [slow.stateOf(duty('first')), slow.stateOf(duty('late'))]
    expect(statesOf()).to.deep.equal(['mined', 'reverted'])

    staleNonce = toHex(await nonce())
    await chain.revert(before)
    await chain.mine()
    await slow.update(await mine(true))
    staleNonce = undefined
    await mineAndUpdate(slow)
    expect(statesOf()).to.deep.equal(['sent', 'sent'])
    await mineAndUpdate(slow)
    expect(statesOf()).to.deep.equal(['mined', 'reverted'])
    expect(await nonce()).to.equal(transactionsOf(db, 2)[0]!.nonce + 1)
  })

  it('does not lose sight of it when the wallet cannot pay for it at that moment', async () => {
    const before = await chain.snapshot()
    await outbox.post({ ...duty('pay'), call: transfer(5n) })
    await mineAndUpdate()

    await chain.revert(before)
    await fund(0n)
    await chain.mine()
    await outbox.update(await mine(true))
    expect(outbox.pendingCount()).to.equal(1)
    await fund(parseEther('1'))
    await mineAndUpdate()
    await mineAndUpdate()
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    expect(await balanceOf(RECIPIENT)).to.equal(5n)
  })

  it('gives up once, not again at every start', async () => {
    const posted = (await outbox.post({ ...duty('pay'), call: transfer(5n) })) as { hash: Hex }
    await chain.client.dropTransaction({ hash: posted.hash })
    await chain.send(sender, transfer(1n))
    for (let i = 0; i < 6; i++) await mineAndUpdate()
    const given = latestAttempt(db, duty('pay'))
    const reborn = open()
    for (let i = 0; i < 7; i++) await reborn.update({ ...(await mine()), reorganised: true })
    expect(latestAttempt(db, duty('pay'))).to.deep.equal(given)
  })

  describe('in want of money', () => {
    it('offers no more for what a node refused, and goes on with the same nonce once there is enough', async () => {
      const before = await nonce()
      await fund(1n)
      const refused = await outbox.post({ ...duty('pay'), call: transfer(5n) })
      expect(refused).to.include({ status: 'refused', errorName: 'InsufficientFunds' })
      const [first] = transactionsOf(db, 1)
      for (let i = 0; i < 20; i++) await mineAndUpdate()
      expect(outbox.stateOf(duty('pay'))).to.equal('signed')
      const signed = transactionsOf(db, 1)
      expect(signed.every(({ max_fee_wei }) => BigInt(max_fee_wei) <= BigInt(first!.max_fee_wei))).to.equal(
        true,
      )
      expect(new Set(signed.map((transaction) => transaction.nonce))).to.deep.equal(new Set([before]))

      // Enough at the base fee of now, which has fallen, and too little at that of the first signature.
      const costWei = BigInt(signed[0]!.gas) * BigInt(signed[0]!.max_fee_wei)
      expect(costWei < BigInt(first!.gas) * BigInt(first!.max_fee_wei)).to.equal(true)
      await fund(costWei)
      await mineAndUpdate()
      await mineAndUpdate()
      expect(outbox.stateOf(duty('pay'))).to.equal('mined')
      expect(await balanceOf(RECIPIENT)).to.equal(5n)
    })

    it('does later duties too, once there is enough', async () => {
      await fund(1n)
      for (const name of ['a', 'b']) await outbox.post({ ...duty(name), call: transfer(1n) })
      for (let i = 0; i < 5; i++) await mineAndUpdate()
      await fund(parseEther('1'))
      await mineAndUpdate()
      await outbox.post({ ...duty('c'), call: transfer(1n) })
      await mineAndUpdate()
      expect(outbox.pendingCount()).to.equal(0)
      expect(await balanceOf(RECIPIENT)).to.equal(3n)
    })

    it('goes back to a fee that it can pay when a raised one is refused', async () => {
      await outbox.post({ ...duty('pay'), call: transfer(5n) })
      const [first] = transactionsOf(db, 1)
      await fund(BigInt(first!.gas) * BigInt(first!.max_fee_wei))
      await chain.client.dropTransaction({ hash: first!.hash })
      const block = await mine()
      const later = (blocks: bigint) => ({ ...block, number: block.number + blocks })
      await outbox.update(later(3n))
      expect(outbox.stateOf(duty('pay'))).to.equal('signed')
      await outbox.update(later(4n))
      expect(outbox.stateOf(duty('pay'))).to.equal('sent')
      await mineAndUpdate()
      expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    })
  })

  describe('with a node that swallows what it takes', () => {
    const swallowing = (options: Partial<OutboxOptions> = {}) =>
      open(readerThat({ eth_sendRawTransaction: () => zeroHash }), options)

    /** Fees of the first and the last signature, in wei, after `blocks` blocks with a base fee of 1 gwei. */
    async function feesAfter(of: Outbox, blocks: number) {
      const block = { ...(await mine()), baseFeePerGas: parseGwei('1') }
      await of.update(block)
      await of.post({ ...duty('pay'), call: transfer(5n) })
      for (let n = 1; n <= blocks; n++) await of.update({ ...block, number: block.number + BigInt(n) })
      const signed = transactionsOf(db, 1).map(({ max_fee_wei, priority_fee_wei }) => ({
        maxFeeWei: BigInt(max_fee_wei),
        tipWei: BigInt(priority_fee_wei),
      }))
      return { first: signed.at(-1)!, last: signed[0]!, count: signed.length }
    }

    it('raises the fee to ten times the base fee and tip, and no further', async () => {
      const { first, last, count } = await feesAfter(swallowing(), 100)
      expect(first).to.deep.equal({ maxFeeWei: parseGwei('3'), tipWei: parseGwei('1') })
      expect(last.maxFeeWei > parseGwei('15') && last.maxFeeWei <= parseGwei('20')).to.equal(true)
      expect(last.tipWei > parseGwei('5') && last.tipWei <= parseGwei('11')).to.equal(true)
      expect(count).to.be.lessThan(12)
    })

    it('raises fee and tip below the maximum, too', async () => {
      const { first, last } = await feesAfter(swallowing({ maxFeeWei: parseGwei('8') }), 100)
      expect(first).to.deep.equal({ maxFeeWei: parseGwei('3'), tipWei: parseGwei('1') })
      expect(last.maxFeeWei > parseGwei('6') && last.maxFeeWei <= parseGwei('8')).to.equal(true)
      expect(last.tipWei > parseGwei('2')).to.equal(true)
    })
  })

  it('offers more to a node that asks for more', async () => {
    const wanted = parseGwei('2')
    const choosy = open(
      readerThat({
        eth_sendRawTransaction: ([raw]) => {
          const { maxPriorityFeePerGas = 0n } = parseTransaction(raw as Hex)
          if (maxPriorityFeePerGas < wanted) throw new Error('transaction underpriced: tip too low')
          return undefined
        },
      }),
    )
    expect(await choosy.post({ ...duty('pay'), call: transfer(5n) })).to.include({ errorName: 'FeeTooLow' })
    for (let i = 0; i < 16; i++) await mineAndUpdate(choosy)
    expect(choosy.stateOf(duty('pay'))).to.equal('mined')
  })

  it('follows a base fee that has grown a hundredfold', async () => {
    await outbox.post({ ...duty('pay'), call: transfer(5n) })
    for (let i = 0; i < 5; i++) {
      await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') })
      await mineAndUpdate()
    }
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
  })

  it('waits while the base fee is above the maximum', async () => {
    const thrifty = open(reader, { maxFeeWei: parseGwei('5') })
    await thrifty.post({ ...duty('pay'), call: transfer(5n) })
    for (let i = 0; i < 5; i++) {
      await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') })
      await mineAndUpdate(thrifty)
    }
    expect(thrifty.pendingCount()).to.equal(1)
    await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') })
    for (let i = 0; i < 2; i++) await mineAndUpdate(thrifty)
    expect(thrifty.stateOf(duty('pay'))).to.equal('mined')
  })

  const fund = (value: bigint) => chain.client.setBalance({ address: sender.address, value })

  /** The node, with other answers where `answers` has one; `undefined` leaves it to the node. */
  function readerThat(answers: Record<string, (params: unknown[]) => unknown>): AssayReader {
    const request = async ({ method, params }: { method: string; params: never }) =>
      answers[method]?.(params) ?? reader.chain.request({ method, params } as never)
    const transport = custom({ request }, { retryCount: 0 })
    return { ...reader, chain: createPublicClient({ transport, cacheTime: 0 }) }
  }

  /** A node that answers questions and loses what is sent to it. */
  function deafReader(): AssayReader {
    return readerThat({
      eth_sendRawTransaction: () => {
        throw new HttpRequestError({ url: chain.rpcUrl })
      },
    })
  }
})
