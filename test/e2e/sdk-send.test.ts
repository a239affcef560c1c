import { type AssayClient, connect, connectReader } from '@assay/sdk/client/clients.ts'
import { AssayError } from '@assay/sdk/client/errors.ts'
import {
  type Call,
  expectDone,
  rebroadcast,
  type Sent,
  send,
  simulate,
  waitFor,
} from '@assay/sdk/client/send.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { requestUnstakeCall } from '@assay/sdk/verbs/stake-registry/request-unstake.ts'
import { stake, stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { expect } from 'chai'
import { type Hex, WaitForTransactionReceiptTimeoutError } from 'viem'
import { startChain, type TestChain } from './support/chain.ts'

/** For what doesn't come. */
const BRIEFLY = { timeoutMs: 150 }
/** For what is there, on a busy machine too; less than one wait of viem. */
const SHORTLY = { timeoutMs: 3_900 }

describe('Sending transactions', () => {
  let chain: TestChain
  let client: AssayClient
  let start: Hex

  before(async () => {
    chain = await startChain({ accounts: 2 })
    client = await clientOf(chain, 0)
    await chain.client.setAutomine(true)
    expectDone(await stake(client, { amount: 1_000n }))
    expectDone(await send(client, approving(chain)))
    await chain.client.setAutomine(false)
  })
  after(() => chain.stop())
  beforeEach(async () => {
    start = await chain.snapshot()
  })
  afterEach(() => chain.revert(start))

  const unstake = (amount: bigint) => requestUnstakeCall(chain.deployment, { amount })
  const staking = (amount: bigint) => stakeCall(chain.deployment, { amount })

  it('signs nothing that the contract refuses', async () => {
    const signed: Hash[] = []
    const sent = await send(client, unstake(1_001n), { onSigned: ({ hash }) => void signed.push(hash) })
    expect(sent).to.have.nested.property('failure.name', 'StakeRegistry_FreeStakeTooLow')
    expect(sent).to.not.have.property('hash')
    expect(signed).to.deep.equal([])
    expect(await simulate(client, unstake(1_000n))).to.equal(undefined)
  })

  it('tells of the signed transaction before it is sent, so that it can be sent again', async () => {
    let stored: { hash: Hash; raw: Hex; nonce: number } | undefined
    const crash = new Error('crashed between signing and sending')
    const sent = await send(client, staking(1n), {
      ...BRIEFLY,
      onSigned: (transaction) => {
        stored = transaction
        throw crash
      },
    })
    expect(sent.status).to.equal('failed')
    expect(await pendingNonce(client)).to.equal(stored!.nonce)

    const pending = await rebroadcast(client, stored!.raw, BRIEFLY)
    expect(pending).to.deep.equal({ status: 'pending', hash: stored!.hash })
    expect(await rebroadcast(client, stored!.raw, BRIEFLY)).to.deep.equal(pending)
    await chain.mine()
    const mined = await rebroadcast(client, stored!.raw)
    expect(mined).to.include({ status: 'done', hash: stored!.hash })
  })

  it('is pending until a block has it, and done afterwards', async () => {
    const sent = await send(client, staking(2n), BRIEFLY)
    expect(sent.status).to.equal('pending')
    expect(() => expectDone(sent)).to.throw(AssayError, 'do not send it a second time')
    await chain.mine()
    const { receipt } = expectDone(await waitFor(client, (sent as { hash: Hash }).hash))
    expect(receipt.status).to.equal('success')
  })

  it('is done, too, when the wait misses its block and no other comes', async () => {
    const { hash } = (await send(client, staking(2n), BRIEFLY)) as { hash: Hash }
    await chain.mine()
    let waits = 0
    const waitForTransactionReceipt: typeof client.chain.waitForTransactionReceipt = async (options) => {
      waits++
      if (waits <= 2) throw new WaitForTransactionReceiptTimeoutError({ hash })
      return client.chain.waitForTransactionReceipt(options)
    }
    const missing = { ...client, chain: { ...client.chain, waitForTransactionReceipt } }
    expect(await waitFor(missing, hash)).to.include({ status: 'done', hash })
    expect(await waitFor(missing, hash, SHORTLY)).to.include({ status: 'done', hash })
    waits = 0
    expect(await waitFor(missing, hash, BRIEFLY)).to.deep.equal({ status: 'pending', hash })
  })

  it('says why a transaction was reverted in its block', async () => {
    // Both pass the simulation. With a given gas limit nothing is estimated on the pending state.
    const first = await send(client, unstake(900n), { ...BRIEFLY, gas: 300_000n })
    const second = await send(client, unstake(900n), { ...BRIEFLY, gas: 300_000n })
    expect([first.status, second.status]).to.deep.equal(['pending', 'pending'])
    await chain.mine()
    expect((await waitFor(client, hashOf(first))).status).to.equal('done')
    const failed = await waitFor(client, hashOf(second))
    expect(failed).to.include({ status: 'failed', hash: hashOf(second) })
    expect(failed).to.have.nested.property('failure.name', 'StakeRegistry_AlreadyUnbonding')
    expect(() => expectDone(failed)).to.throw(AssayError, 'are unbonding already')
  })

  it('fails when another transaction took the nonce', async () => {
    const nonce = await pendingNonce(client)
    const raws: Hex[] = []
    const onSigned = ({ raw }: { raw: Hex }) => void raws.push(raw)
    const first = await send(client, staking(1n), { ...BRIEFLY, nonce, onSigned })
    await chain.mine()
    const second = await send(client, staking(2n), { ...BRIEFLY, nonce, onSigned })
    expect(second).to.have.nested.property('failure.name', 'NonceTooLow')
    expect(await rebroadcast(client, raws[0]!)).to.include({ status: 'done', hash: hashOf(first) })
  })

  it('is pending when the node falls silent after the signature', async () => {
    const doomed = await startChain({ accounts: 1 })
    const orphan = await clientOf(doomed, 0)
    const sent = await send(orphan, approving(doomed), { onSigned: () => doomed.stop() })
    expect(sent.status).to.equal('pending')
  })

  it('says what an account without ether needs', async () => {
    const poor = await clientOf(chain, 1)
    await chain.client.setBalance({ address: poor.wallet.account.address, value: 0n })
    const sent = await send(poor, approving(chain))
    expect(sent).to.have.nested.property('failure.name', 'InsufficientFunds')
  })

  it('respects a ceiling of the fee', async () => {
    const sent = await send(client, staking(3n), { ...BRIEFLY, maxFeePerGas: 3_000_000_000n })
    const transaction = await client.chain.getTransaction({ hash: hashOf(sent) })
    expect(transaction.maxFeePerGas).to.equal(3_000_000_000n)
    const tooLow = await send(client, staking(3n), { ...BRIEFLY, maxFeePerGas: 1n })
    expect(tooLow).to.have.nested.property('failure.name', 'FeeTooLow')
  })

  it('fails, and may be tried again, when the node is away', async () => {
    const doomed = await startChain({ accounts: 1 })
    const orphan = await clientOf(doomed, 0)
    await doomed.stop()
    const sent = await send(orphan, staking(1n))
    expect(sent).to.have.nested.property('failure.kind', 'transient')
    expect(await waitFor(orphan, `0x${'11'.repeat(32)}`, BRIEFLY)).to.have.property('status', 'pending')
  })
})

describe('Connecting', () => {
  let chain: TestChain
  before(async () => {
    chain = await startChain({ accounts: 1 })
  })
  after(() => chain.stop())

  const failureOf = async (promise: Promise<unknown>) => {
    try {
      await promise
    } catch (error) {
      if (error instanceof AssayError) return error.failure
      throw error
    }
    throw new Error('it connected')
  }

  it('refuses another chain', async () => {
    const deployment = { ...chain.deployment, chainId: 1 }
    const failure = await failureOf(connectReader({ deployment, rpcUrl: chain.rpcUrl }))
    expect(failure).to.deep.include({
      name: 'WrongChain',
      kind: 'refused',
      values: { actual: 31_337, expected: 1 },
    })
  })

  it('refuses addresses without contracts', async () => {
    const contracts = {
      ...chain.deployment.contracts,
      tasks: '0x00000000000000000000000000000000000000c1' as const,
    }
    const deployment = { ...chain.deployment, contracts }
    const failure = await failureOf(connectReader({ deployment, rpcUrl: chain.rpcUrl }))
    expect(failure).to.deep.include({
      name: 'NoContract',
      values: { contract: 'tasks', address: contracts.tasks },
    })
  })

  it('says that a node which does not answer may answer later', async () => {
    const failure = await failureOf(
      connectReader({ deployment: chain.deployment, rpcUrl: 'http://127.0.0.1:1' }),
    )
    expect(failure).to.include({ name: 'NodeUnavailable', kind: 'transient' })
  })
})

function approving({ deployment }: TestChain): Call {
  const { assayToken: token, stakeRegistry: spender } = deployment.contracts
  return approveCall({ token, spender, amount: 10_000n })
}

function hashOf(sent: Sent): Hash {
  if (sent.status !== 'pending') throw new Error(`expected a pending transaction, it is ${sent.status}`)
  return sent.hash
}

function clientOf({ deployment, accounts, rpcUrl }: TestChain, index: number): Promise<AssayClient> {
  return connect({ deployment, rpcUrl, account: accounts[index]!, pollingIntervalMs: 10 })
}

function pendingNonce(client: AssayClient): Promise<number> {
  return client.chain.getTransactionCount({ address: client.wallet.account.address, blockTag: 'pending' })
}
