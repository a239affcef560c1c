import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { AssayError } from '@assay/sdk/client/errors.ts'
import { expect } from 'chai'
import { startChain, type TestChain } from '../test/e2e/support/chain.ts'
import type { Block } from './clock.ts'
import { FatalDaemonError } from './errors.ts'
import { type NodeProxy, startNodeProxy } from './fixtures/node-proxy.ts'
import { type DaemonConfig, runDaemon } from './run-daemon.ts'

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

describe('running a daemon', () => {
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

  /** Runs a daemon until it was idle once. */
  async function live(using: DaemonConfig, tick: (block: Block) => void = () => undefined) {
    const controller = new AbortController()
    const idle: bigint[] = []
    await runDaemon({
      role: 'oracle',
      config: using,
      migrations: [],
      open: async (daemon) => daemon,
      tick: async (_daemon, block) => tick(block),
      signal: controller.signal,
      onIdle: (block) => {
        idle.push(block)
        controller.abort()
      },
    })
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

  it('looks at the head at once when it is told of a block, however long its pace is', async () => {
    const controller = new AbortController()
    const newBlocks = new EventTarget()
    const { number } = await chain.client.getBlock()
    const idle: bigint[] = []
    await runDaemon({
      role: 'oracle',
      config: config({ pollMs: 2 ** 30 }),
      migrations: [],
      open: async (daemon) => daemon,
      tick: async () => undefined,
      signal: controller.signal,
      newBlocks,
      onIdle: (block) => {
        idle.push(block)
        if (idle.length === 3) controller.abort()
        else void chain.mine().then(() => newBlocks.dispatchEvent(new Event('block')))
      },
    })
    expect(idle).to.deep.equal([number, number + 1n, number + 2n])
  })

  it('refuses the database of another key, chain or role', async () => {
    await live(config())
    const stranger = await live(config({ privateKey: chain.accounts[1]!.privateKey })).catch(
      (error: unknown) => error,
    )
    expect(stranger).to.be.instanceOf(FatalDaemonError)
    expect((stranger as Error).message).to.match(/^This data directory belongs to "oracle 31337 0x/)
    expect(await live(config())).to.have.length(1)
  })

  it('serves metrics while it waits for the node', async () => {
    const metricsPort = await freePort()
    const controller = new AbortController()
    const life = runDaemon({
      role: 'oracle',
      config: config({ rpcUrl: `http://127.0.0.1:${await freePort()}`, metricsPort }),
      migrations: [],
      open: async (daemon) => daemon,
      tick: async () => undefined,
      signal: controller.signal,
    })
    let said = ''
    while (said === '')
      said = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      )
    controller.abort()
    await life
    expect(said).to.match(/^assay_head_block\{role="oracle"\} Nan$/m)
  })

  const transfer = { to: `0x${'99'.repeat(20)}`, data: '0x' } as const
  const pay = { taskId: 1n, round: 1, duty: 'pay', call: transfer }
  const sends = ({ asked }: NodeProxy) => asked.filter((method) => method === 'eth_sendRawTransaction').length
  const foreignGenesis = (method: string, params: unknown[], result: unknown) =>
    method === 'eth_getBlockByNumber' && params[0] === '0x0'
      ? { ...(result as object), hash: `0x${'66'.repeat(32)}` }
      : undefined

  it('sends nothing of another chain: neither at the start nor when the chain is exchanged while it runs', async () => {
    const clean = await chain.snapshot()
    await chain.mine()
    let isForeign = false
    const node = await startNodeProxy(chain.rpcUrl, (...asked) =>
      isForeign ? foreignGenesis(...asked) : undefined,
    )
    const using = config({ rpcUrl: node.url })
    try {
      const exchanged = await runDaemon({
        role: 'oracle',
        config: using,
        migrations: [],
        open: async (daemon) => daemon,
        tick: async ({ outbox }) => {
          await outbox.post(pay)
          isForeign = true
          await chain.revert(clean)
          await chain.mine(9)
          await chain.mine(9)
        },
        signal: new AbortController().signal,
      }).catch((error: unknown) => error)
      expect(exchanged).to.be.instanceOf(FatalDaemonError)
      expect(sends(node)).to.equal(1)

      const restarted = await live(using).catch((error: unknown) => error)
      expect(restarted).to.be.instanceOf(FatalDaemonError)
      expect((restarted as Error).message).to.include(`mv ${dataDir} ${dataDir}.old`)
      expect(sends(node)).to.equal(1)

      isForeign = false
      await live(using)
      expect(sends(node), 'back on its own chain').to.equal(2)
    } finally {
      node.stop()
    }
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
    const { number } = await chain.mine()
    let refused = 0
    const node = createServer(async (request, response) => {
      // One attempt to connect is four requests: this one fails, and the next begins to.
      if (refused < 5) {
        refused++
        return request.socket.destroy()
      }
      const body = await text(request)
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(chain.rpcUrl, { method: 'POST', body, headers })
      response.writeHead(200, headers).end(await answer.text())
    })
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
    const rpcUrl = `http://127.0.0.1:${(node.address() as AddressInfo).port}`
    expect(await live(config({ rpcUrl }))).to.deep.equal([number])
    expect(refused).to.equal(5)
    node.closeAllConnections()
    node.close()
  })
})
