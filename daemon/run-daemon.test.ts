import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssayError } from '@assay/sdk/client/errors.ts'
import { expect } from 'chai'
import { startChain, type TestChain } from '../test/e2e/support/chain.ts'
import type { Block } from './clock.ts'
import { FatalDaemonError } from './errors.ts'
import { startMetrics } from './metrics.ts'
import { type DaemonConfig, runDaemon } from './run-daemon.ts'

describe('the frame of a daemon', () => {
  let chain: TestChain
  let dataDir: string

  before(async () => {
    chain = await startChain({ accounts: 2 })
  })

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'assay-daemon-'))
  })

  afterEach(() => rmSync(dataDir, { recursive: true }))

  after(() => chain.stop())

  const config = (changed: Partial<DaemonConfig> = {}): DaemonConfig => ({
    rpcUrl: chain.rpcUrl,
    deployment: chain.deployment,
    taskId: 1n,
    privateKey: chain.accounts[0]!.privateKey,
    dataDir,
    pollMs: 5,
    logLevel: 'silent',
    ...changed,
  })

  /** Runs a daemon until it was idle once, or for `ms`. */
  async function live(using: DaemonConfig, tick: (block: Block) => void = () => undefined, ms = 10_000) {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), ms)
    const idle: bigint[] = []
    await runDaemon({
      role: 'oracle',
      config: using,
      migrations: [],
      tick: async (_context, block) => tick(block),
      signal: controller.signal,
      onIdle: (block) => {
        idle.push(block)
        controller.abort()
      },
    }).finally(() => clearTimeout(timer))
    return idle
  }

  it('says idle when all of a block is done, and not before', async () => {
    let failures = 2
    const { number } = await chain.mine()
    const idle = await live(config(), () => {
      if (failures-- > 0) throw new Error('not yet')
    })
    expect(idle).to.deep.equal([number])
    expect(failures).to.equal(-1)
  })

  it('does not take another key, chain or role for its own', async () => {
    await live(config())
    const stranger = await live(config({ privateKey: chain.accounts[1]!.privateKey })).catch(
      (error: unknown) => error,
    )
    expect(stranger).to.be.instanceOf(FatalDaemonError)
    expect((stranger as Error).message).to.match(/^This data directory belongs to "oracle 31337 0x/)
    expect(await live(config())).to.have.length(1)
  })

  it('refuses a deployment that is not there', async () => {
    const contracts = { ...chain.deployment.contracts, rounds: chain.accounts[0]!.address }
    const error = await live(config({ deployment: { ...chain.deployment, contracts } })).catch(
      (e: unknown) => e,
    )
    expect(error).to.be.instanceOf(AssayError)
    expect((error as AssayError).failure.name).to.equal('NoContract')
  })

  it('waits for a node that is not there yet', async () => {
    expect(await live(config({ rpcUrl: 'http://127.0.0.1:9' }), undefined, 300)).to.deep.equal([])
  })

  it('shows numbers with their units to who asks', async () => {
    const page = await startMetrics({ port: 0, role: 'oracle', outbox: { pendingCount: () => 2 } })
    const block = await chain.mine()
    page.finished({
      ...block,
      number: block.number!,
      hash: block.hash!,
      baseFeePerGas: 0n,
      reorganised: false,
    })
    const text = await (await fetch(page.url)).text()
    await page.close()
    expect(text).to.include('assay_pending_transactions{role="oracle"} 2')
    expect(text).to.include(`assay_head_block{role="oracle"} ${block.number}`)
  })
})
