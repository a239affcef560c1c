import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createPublicClient, http } from 'viem'
import { fetchAnswer } from './fetch-answer.ts'
import { logRefusalOf } from './log-refusal.ts'
import { logsInRanges } from './logs.ts'

const PAGE = `<html><head><style>p { color: red }</style><title>504 Gateway Time-out</title></head>
<body><center><h1>504 Gateway Time-out</h1></center><script>var rate = 'limit'</script></body></html>`

describe('what a node answers', () => {
  let server: Server | undefined

  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function node(answer: RequestListener): Promise<string> {
    server = createServer(answer)
    await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const client = (url: string, timeout = 60_000) =>
    createPublicClient({ transport: http(url, { fetchFn: fetchAnswer, retryCount: 0, timeout }) })

  it('is passed on when it is JSON', async () => {
    const url = await node((_, response) => response.end('{"jsonrpc":"2.0","id":1,"result":"0x10"}'))
    expect(await client(url).getBlockNumber()).to.equal(16n)
  })

  for (const status of [200, 504]) {
    it(`is an error with the words of a page, sent with status ${status}`, async () => {
      const url = await node((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end(PAGE)
      })
      const failure = await client(url)
        .getBlockNumber()
        .catch((error: unknown) => error)
      expect((failure as Error).message).to.include('504 Gateway Time-out 504 Gateway Time-out')
      expect((failure as Error).message).not.to.match(/color|rate =|<h1>/)
      expect(logRefusalOf(failure)).to.equal('tooSlow')
    })
  }

  it('may not make the client pause for long', async () => {
    const url = await node((_, response) => {
      response.writeHead(429, { 'retry-after': '86400' }).end('{"error":"slow down"}')
    })
    expect((await fetchAnswer(url)).headers.get('retry-after')).to.equal('5')
  })

  it('is not waited for longer than the timeout, even if it has begun', async () => {
    const url = await node((_, response) => void response.writeHead(200).write('{"jsonrpc":'))
    const failure = await client(url, 50)
      .getBlockNumber()
      .catch((error: unknown) => error)
    expect((failure as Error).name).to.equal('TimeoutError')
  })

  it('halves a range when it is longer than the client takes', async () => {
    const url = await node((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'a'.repeat(10_485_760) }))
    })
    const asked: bigint[] = []
    const failure = await logsInRanges(
      async (from, to) => {
        asked.push(to - from + 1n)
        if (to > from) await client(url).getBlockNumber()
        else throw new Error('one block only')
        return []
      },
      { from: 1n, to: 4n },
    ).catch((error: Error) => error)
    expect((failure as Error).message).to.equal('one block only')
    expect(asked).to.deep.equal([4n, 2n, 1n])
  })
})
