import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { unknownTask } from '@assay/sdk/client/errors.ts'
import { expect } from 'chai'
import { createPublicClient, custom, http } from 'viem'
import { startChain, type TestChain } from '../test/e2e/support/chain.ts'
import { type Block, runClock } from './clock.ts'
import { FatalDaemonError } from './errors.ts'
import { createLogger } from './logging.ts'
import { fixedPace } from './pace.ts'

const log = createLogger({ role: 'test', level: 'silent' })

describe('the block clock', () => {
  let chain: TestChain

  before(async () => {
    chain = await startChain({ accounts: 1 })
  })

  after(() => chain.stop())

  /** Runs a clock until `enough` blocks are done, or the work throws. */
  async function follow(
    rpcUrl: string,
    enough: number,
    work: (block: Block) => Promise<void> = async () => undefined,
  ): Promise<Block[]> {
    const controller = new AbortController()
    const blocks: Block[] = []
    await runClock({
      chain: createPublicClient({ transport: http(rpcUrl, { retryCount: 0, timeout: 500 }), cacheTime: 0 }),
      pace: fixedPace(5),
      signal: controller.signal,
      log,
      untilPoked: async (ms) => {
        await sleep(Math.min(ms, 20))
        return false
      },
      onBlock: async (block) => {
        await work(block)
        blocks.push(block)
        if (blocks.length === enough) controller.abort()
      },
    })
    return blocks
  }

  it('looks at each new block once, and only at the newest of a burst', async () => {
    const blocks = await follow(chain.rpcUrl, 3, async ({ number }) => {
      await chain.mine()
      if (number % 2n === 0n) await chain.client.mine({ blocks: 4 })
    })
    const numbers = blocks.map(({ number }) => number)
    expect(new Set(numbers).size).to.equal(3)
    expect(numbers[2]! - numbers[0]! >= 5n).to.equal(true)
    expect(blocks.every(({ reorganised }) => !reorganised)).to.equal(true)
  })

  it('asks for the newest block at once when somebody reports one, and for its number else', async () => {
    const controller = new AbortController()
    const asked: string[] = []
    const numbers: bigint[] = []
    const transport = custom({
      request: ({ method, params }) => {
        asked.push(method)
        return chain.client.request({ method, params })
      },
    })
    const reports = [true, true, false]
    await runClock({
      chain: createPublicClient({ transport, cacheTime: 0 }),
      pace: fixedPace(5),
      signal: controller.signal,
      log,
      untilPoked: async () => {
        // The second report is of a block that was seen before.
        if (reports.length !== 2) await chain.mine()
        return reports.shift() ?? false
      },
      onBlock: async ({ number }) => {
        numbers.push(number)
        if (numbers.length === 3) controller.abort()
      },
    })
    expect(numbers).to.deep.equal([numbers[0], numbers[0]! + 1n, numbers[0]! + 2n])
    const [number, block] = ['eth_blockNumber', 'eth_getBlockByNumber']
    expect(asked).to.deep.equal([number, block, block, block, number, block])
  })

  it('tries a block again when its work failed', async () => {
    let failures = 2
    const [block] = await follow(chain.rpcUrl, 1, async () => {
      if (failures-- > 0) throw new Error('the store is down')
    })
    expect(failures).to.equal(-1)
    expect(block?.number).to.equal((await chain.client.getBlock()).number)
  })

  it('ends at once when a retry can not help', async () => {
    const end = await follow(chain.rpcUrl, 1, async () => {
      throw new FatalDaemonError('another key')
    }).catch((error: unknown) => error)
    expect(end).to.be.instanceOf(FatalDaemonError)
  })

  it('ends at once when the chain says what no retry changes', async () => {
    const unknown = unknownTask(7n)
    const end = await follow(chain.rpcUrl, 1, async () => {
      throw unknown
    }).catch((error: unknown) => error)
    expect(end).to.be.instanceOf(FatalDaemonError)
    expect((end as Error).message).to.equal(unknown.message)
  })

  it('notices that the block it saw last is gone', async () => {
    const before = await chain.snapshot()
    await chain.mine()
    const blocks = await follow(chain.rpcUrl, 2, async () => {
      if (before === undefined) return
      await chain.revert(before)
      await chain.mine(7)
      await chain.mine(7)
    })
    expect(blocks.map(({ reorganised }) => reorganised)).to.deep.equal([false, true])
  })

  it('survives a node that fails in every way it can', async () => {
    const { server, url } = await brokenProxy(chain.rpcUrl)
    try {
      const [block] = await follow(url, 1)
      expect(block?.number).to.equal((await chain.client.getBlock()).number)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  /** A proxy to the node that first answers 500, 429, half an answer, no JSON, a reset and silence; later it works. */
  async function brokenProxy(to: string): Promise<{ server: Server; url: string }> {
    let requests = 0
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const faults = [
        () => response.writeHead(500).end('oops'),
        () => response.writeHead(429).end('slow down'),
        () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","id"'),
        () => response.writeHead(200).end('<html>'),
        () =>
          response
            .writeHead(200, { 'content-length': '900' })
            .write('{"jsonrpc":', () => request.socket.destroy()),
        () => undefined,
      ]
      const fault = faults[requests++]
      if (fault !== undefined) return fault()
      const answer = await fetch(to, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      response.writeHead(200, { 'content-type': 'application/json' }).end(await answer.text())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }
})
