import { expect } from 'chai'
import { type Hex, parseEther, parseGwei, parseTransaction, zeroHash } from 'viem'
import { transactionsOf } from './duty-log.ts'
import { duty, type OutboxScene, RECIPIENT, startOutboxScene } from './fixtures/outbox-scene.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxOptions } from './outbox-send.ts'

describe('what the outbox offers for gas', () => {
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

  describe('when the wallet is short of ether', () => {
    it('offers no more for what a node refused, and goes on with the same nonce once there is enough', async () => {
      const before = await scene.nonce()
      await scene.fund(1n)
      const refused = await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
      expect(refused).to.include({ status: 'refused', errorName: 'InsufficientFunds' })
      const [first] = transactionsOf(scene.db, 1)
      for (let i = 0; i < 20; i++) await scene.mineAndUpdate(outbox)
      expect(outbox.stateOf(duty('pay'))).to.equal('signed')
      const signed = transactionsOf(scene.db, 1)
      expect(signed.every(({ max_fee_wei }) => BigInt(max_fee_wei) <= BigInt(first!.max_fee_wei))).to.equal(
        true,
      )
      expect(new Set(signed.map((transaction) => transaction.nonce))).to.deep.equal(new Set([before]))

      // Enough at the current base fee, which has fallen, and too little at that of the first transaction.
      const costWei = BigInt(signed[0]!.gas) * BigInt(signed[0]!.max_fee_wei)
      expect(costWei < BigInt(first!.gas) * BigInt(first!.max_fee_wei)).to.equal(true)
      await scene.fund(costWei)
      await scene.mineAndUpdate(outbox)
      await scene.mineAndUpdate(outbox)
      expect(outbox.stateOf(duty('pay'))).to.equal('mined')
      expect(await scene.balanceOf(RECIPIENT)).to.equal(5n)
    })

    it('does later duties too, once there is enough', async () => {
      await scene.fund(1n)
      for (const name of ['a', 'b']) await outbox.post({ ...duty(name), call: scene.transfer(1n) })
      for (let i = 0; i < 5; i++) await scene.mineAndUpdate(outbox)
      await scene.fund(parseEther('1'))
      await scene.mineAndUpdate(outbox)
      await outbox.post({ ...duty('c'), call: scene.transfer(1n) })
      await scene.mineAndUpdate(outbox)
      expect(outbox.pendingCount()).to.equal(0)
      expect(await scene.balanceOf(RECIPIENT)).to.equal(3n)
    })

    it('goes back to a fee that it can pay when a raised one is refused', async () => {
      await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
      const [first] = transactionsOf(scene.db, 1)
      await scene.fund(BigInt(first!.gas) * BigInt(first!.max_fee_wei))
      await scene.chain.client.dropTransaction({ hash: first!.hash })
      const block = await scene.mine()
      const later = (blocks: bigint) => ({ ...block, number: block.number + blocks })
      await outbox.update(later(3n))
      expect(outbox.stateOf(duty('pay'))).to.equal('signed')
      await outbox.update(later(4n))
      expect(outbox.stateOf(duty('pay'))).to.equal('sent')
      await scene.mineAndUpdate(outbox)
      expect(outbox.stateOf(duty('pay'))).to.equal('mined')
    })
  })

  describe('with a node that accepts transactions and loses them', () => {
    const swallowing = (options: Partial<OutboxOptions> = {}) =>
      scene.open(scene.readerThat({ eth_sendRawTransaction: () => zeroHash }), options)

    /** Fees of the first and the last transaction, in wei, after `blocks` blocks with a base fee of 1 gwei. */
    async function feesAfter(of: Outbox, blocks: number) {
      const block = { ...(await scene.mine()), baseFeePerGas: parseGwei('1') }
      await of.update(block)
      await of.post({ ...duty('pay'), call: scene.transfer(5n) })
      for (let n = 1; n <= blocks; n++) await of.update({ ...block, number: block.number + BigInt(n) })
      const signed = transactionsOf(scene.db, 1).map(({ max_fee_wei, priority_fee_wei }) => ({
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
    const choosy = scene.open(
      scene.readerThat({
        eth_sendRawTransaction: ([raw]) => {
          const { maxPriorityFeePerGas = 0n } = parseTransaction(raw as Hex)
          if (maxPriorityFeePerGas < wanted) throw new Error('transaction underpriced: tip too low')
          return undefined
        },
      }),
    )
    expect(await choosy.post({ ...duty('pay'), call: scene.transfer(5n) })).to.include({
      errorName: 'FeeTooLow',
    })
    for (let i = 0; i < 16; i++) await scene.mineAndUpdate(choosy)
    expect(choosy.stateOf(duty('pay'))).to.equal('mined')
  })

  it('follows a base fee that has grown a hundredfold', async () => {
    await outbox.post({ ...duty('pay'), call: scene.transfer(5n) })
    for (let i = 0; i < 5; i++) {
      await scene.chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') })
      await scene.mineAndUpdate(outbox)
    }
    expect(outbox.stateOf(duty('pay'))).to.equal('mined')
  })

  it('waits while the base fee is above the maximum', async () => {
    const thrifty = scene.open(scene.reader, { maxFeeWei: parseGwei('5') })
    await thrifty.post({ ...duty('pay'), call: scene.transfer(5n) })
    for (let i = 0; i < 5; i++) {
      await scene.chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('100') })
      await scene.mineAndUpdate(thrifty)
    }
    expect(thrifty.pendingCount()).to.equal(1)
    await scene.chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('1') })
    for (let i = 0; i < 2; i++) await scene.mineAndUpdate(thrifty)
    expect(thrifty.stateOf(duty('pay'))).to.equal('mined')
  })
})
