import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MAX_RECORD_BYTES, StoreError } from './blob-store.ts'
import { someOpening } from './fixtures/records.ts'
import { type BlobServer, startBlobServer } from './http-server.ts'
import { httpStore } from './http-store.ts'
import { openingKey } from './records.ts'
import { hashOf } from './sha256.ts'

const bytes = new TextEncoder().encode('a blob on its way')
const hash = hashOf(bytes)

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
  )
}

describe('the blob server, against hostile clients', () => {
  let dir: string
  let server: BlobServer

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-server-'))
    server = await startBlobServer({
      dir,
      port: 0,
      maxBlobBytes: 1_000,
      requestTimeoutMs: 500,
      maxUploads: 2,
    })
  })

  after(async () => {
    await server.close()
    await rm(dir, { recursive: true })
  })

  /** Sends raw text over TCP and answers with what comes back until the server closes. */
  function raw(text: string, close: 'now' | 'never' = 'never'): Promise<string> {
    return new Promise((resolve, reject) => {
      const { port } = new URL(server.url)
      const socket = connect(Number(port), '127.0.0.1')
      let answer = ''
      socket.on('data', (data) => {
        answer += String(data)
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
      )
      socket.write(text, () => close === 'now' && setTimeout(() => socket.destroy(), 30))
    })
  }

  const put = (path: string, length: number | string, body: string) =>
    `PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n${body}`

  async function keptFiles(): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }

  /** The server clears up after a connection has died; wait for that, not for a time. */
  async function untilNothingIsKept(): Promise<void> {
    for (let tries = 0; tries < 100 && (await keptFiles()).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await keptFiles()).to.deep.equal([])
  }

  it('keeps nothing of an upload whose sender goes away', async () => {
    await raw(put(`/blobs/${hash}`, 500, 'a third of it'), 'now')
    await untilNothingIsKept()
    expect(await httpStore({ url: server.url }).has(hash)).to.equal(false)
  })

  it('drops a sender that stops sending', async () => {
    const answer = await raw(put(`/blobs/${hash}`, 500, 'and then silence'))
    expect(answer).to.not.contain('204')
    await untilNothingIsKept()
  })

  it('keeps nothing of a blob with another hash', async () => {
    const response = await fetch(`${server.url}/blobs/${hash}`, {
      method: 'PUT',
      body: 'something else',
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(response.status).to.equal(422)
    expect(await response.json()).to.include({ code: 'blob-corrupt' })
    await untilNothingIsKept()
  })

  it('refuses what is announced as too long before a byte of it arrives', async () => {
    const answer = await raw(put(`/blobs/${hash}`, 1_001, ''))
    expect(answer).to.match(/^HTTP\/1\.1 413/)
    expect(answer).to.contain('blob-too-large')
  })

  it('refuses what is too long without having been announced', async () => {
    const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`
    const head = `PUT /blobs/${hash} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n`
    const answer = await raw(head + chunk.repeat(3))
    expect(answer).to.match(/^HTTP\/1\.1 413/)
    await untilNothingIsKept()
  })

  it('refuses a record that is too long', async () => {
    const response = await fetch(`${server.url}/records/${openingKey(someOpening('long').commitment)}`, {
      method: 'PUT',
      body: ' '.repeat(MAX_RECORD_BYTES + 1),
      headers: { 'content-type': 'application/json' },
    })
    expect(response.status).to.equal(422)
  })

  it('knows no other paths, methods or content types', async () => {
    const paths = [
      '/blobs/..%2f..%2fetc%2fpasswd',
      '/blobs/%00',
      '/records/opening/..%2f..%2fx',
      '/records/',
      '/',
      '/blobs/..',
    ]
    for (const path of paths) {
      expect(await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`), path).to.match(
        /^HTTP\/1\.1 400/,
      )
    }
    const wrongType = await fetch(`${server.url}/blobs/${hash}`, { method: 'PUT', body: 'x' })
    expect(wrongType.status).to.equal(400)
    expect((await fetch(`${server.url}/blobs/${hash}`, { method: 'DELETE' })).status).to.equal(400)
  })

  it('lets no more uploads run at once than it was told, and is free again afterwards', async () => {
    const slow = [1, 2].map(() => raw(put(`/blobs/${hash}`, 500, 'slowly')))
    const health = async () => (await (await fetch(`${server.url}/health`)).json()) as { uploads: number }
    while ((await health()).uploads < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    const impatient = httpStore({ url: server.url, retries: 0 })
    expect(await codeOf(impatient.put(bytes))).to.equal('unavailable')
    await Promise.all(slow)
    expect(await httpStore({ url: server.url }).put(bytes)).to.equal(hash)
  })
})

describe('the HTTP store, against hostile servers', () => {
  let answer: RequestListener
  let requests: string[]
  let url: string
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    answer(request, response)
  })

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    requests = []
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  it('notices bytes that do not fit their hash', async () => {
    answer = (_, response) => response.end('other bytes')
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 100 }))).to.equal('blob-corrupt')
  })

  it('hangs up on an endless blob', async () => {
    answer = (_, response) => {
      const timer = setInterval(() => response.write(new Uint8Array(6_000)), 1)
      response.on('close', () => clearInterval(timer))
    }
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 1_000 }))).to.equal('blob-too-large')
    expect(await codeOf(httpStore({ url }).getRecord(openingKey(hash)))).to.equal('record-refused')
  })

  it('believes an announced length only to refuse it', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-length': 1_000_000 }).write('x')
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 1_000 }))).to.equal('blob-too-large')
  })

  it('follows no redirect', async () => {
    answer = (_, response) => response.writeHead(302, { location: `${url}/elsewhere` }).end()
    expect(await codeOf(httpStore({ url, retries: 0 }).get(hash, { maxBytes: 100 }))).to.equal('unavailable')
    expect(requests).to.deep.equal([`GET /blobs/${hash}`])
  })

  it('gives up on a server that says nothing', async () => {
    answer = () => {}
    const store = httpStore({ url, timeoutMs: 50, retries: 1 })
    expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('unavailable')
    expect(requests).to.have.length(2)
  })

  it('tries again after a passing fault, and reads on', async () => {
    answer = (_, response) => {
      if (requests.length === 1) response.socket?.destroy()
      else if (requests.length === 2) response.writeHead(500).end('<html>')
      else response.end(bytes)
    }
    expect(await httpStore({ url }).get(hash, { maxBytes: 100 })).to.have.length(bytes.length)
    expect(requests).to.have.length(3)
  })

  it('notices a body that was cut off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 5), () => response.destroy())
    }
    expect(await codeOf(httpStore({ url, retries: 0 }).get(hash, { maxBytes: 100 }))).to.equal('unavailable')
  })

  it('takes http and https addresses only', () => {
    for (const wrong of ['', 'ftp://x', 'file:///etc/passwd', 'localhost']) {
      expect(() => httpStore({ url: wrong })).to.throw(StoreError, 'http://host:port')
    }
  })
})
