import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
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

/**
 * Tries at longer and longer stalls until one is long enough: a busy machine stands still for longer than the first of
 * them, but not for all of the last.
 */
async function atSomePace(succeeds: (stallTimeoutMs: number) => Promise<boolean>): Promise<void> {
  for (let stallMs = 200; stallMs < 120_000; stallMs *= 4) if (await succeeds(stallMs)) return
  throw new Error('it succeeds at no pace')
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('the blob server, against hostile clients', () => {
  let dir: string
  let server: BlobServer

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-server-'))
    server = await start()
  })

  after(async () => {
    await server.close()
    await rm(dir, { recursive: true })
  })

  const start = (limits: { stallTimeoutMs?: number } = {}) =>
    startBlobServer({ dir, port: 0, maxBlobBytes: 1_000, maxUploads: 2, ...limits })

  /** Sends raw text over TCP and answers with what comes back until the server closes, or with `leave` we do. */
  function raw(
    text: string,
    { to = server, leave }: { to?: BlobServer; leave?: Promise<unknown> } = {},
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const { port } = new URL(to.url)
      const socket = connect(Number(port), '127.0.0.1')
      leave?.then(() => socket.destroy())
      let answer = ''
      socket.on('data', (data) => {
        answer += String(data)
      })
      socket.on('close', () => resolve(answer))
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
      )
      socket.write(text)
    })
  }

  const uploads = async () => {
    const health = (await (await fetch(`${server.url}/health`)).json()) as { uploads: number }
    return health.uploads
  }

  async function untilUploading(count: number): Promise<void> {
    while ((await uploads()) !== count) await sleep(5)
  }

  const put = (path: string, length: number | string, body: string) =>
    `PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n${body}`

  async function keptFiles(): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }

  /** The server clears up after a connection has died; wait for that, not for a time. */
  async function untilNothingIsKept(): Promise<void> {
    while ((await keptFiles()).length > 0) await sleep(10)
  }

  it('keeps nothing of an upload whose sender goes away', async () => {
    await raw(put(`/blobs/${hash}`, 500, 'a third of it'), { leave: untilUploading(1) })
    await untilUploading(0)
    await untilNothingIsKept()
    expect(await httpStore({ url: server.url }).has(hash)).to.equal(false)
  })

  it('waits for a sender that is slow, longer than for one that is silent', async () => {
    await atSomePace(async (stallTimeoutMs) => {
      const patient = await start({ stallTimeoutMs })
      // The whole of it takes far longer than the server waits for one piece.
      const pieces = new ReadableStream({
        start: async (controller) => {
          for (const byte of bytes) {
            controller.enqueue(Uint8Array.of(byte))
            await sleep(stallTimeoutMs / 8)
          }
          controller.close()
        },
      })
      const init = {
        method: 'PUT',
        body: pieces,
        duplex: 'half',
        headers: { 'content-type': 'application/octet-stream' },
      }
      const status = await fetch(`${patient.url}/blobs/${hash}`, init).then(
        (response) => response.status,
        () => 'dropped',
      )
      await patient.close()
      return status === 204
    })
    expect(await httpStore({ url: server.url, retries: 0 }).has(hash)).to.equal(true)
    await rm(join(dir, 'blobs'), { recursive: true })
  })

  it('drops a sender that stops sending', async () => {
    const impatient = await start({ stallTimeoutMs: 200 })
    const answer = await raw(put(`/blobs/${hash}`, 500, 'and then silence'), { to: impatient })
    await impatient.close()
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
    const { promise: leave, resolve: end } = Promise.withResolvers<void>()
    const slow = [1, 2].map(() => raw(put(`/blobs/${hash}`, 500, 'slowly'), { leave }))
    await untilUploading(2)
    const impatient = httpStore({ url: server.url, retries: 0 })
    expect(await codeOf(impatient.put(bytes))).to.equal('unavailable')
    end()
    await Promise.all(slow)
    await untilUploading(0)
    expect(await httpStore({ url: server.url }).put(bytes)).to.equal(hash)
  })
})

const BLOB = 'application/octet-stream'
const RECORD = 'application/json'

function sendBlob(response: ServerResponse, body: Uint8Array | string): void {
  response.setHeader('content-type', BLOB).end(body)
}

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
    answer = (_, response) => sendBlob(response, 'other bytes')
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 100 }))).to.equal('blob-corrupt')
  })

  it('hangs up on an endless blob', async () => {
    answer = ({ url: path }, response) => {
      response.setHeader('content-type', path?.startsWith('/blobs') ? BLOB : RECORD)
      const timer = setInterval(() => response.write(new Uint8Array(6_000)), 1)
      response.on('close', () => clearInterval(timer))
    }
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 1_000 }))).to.equal('blob-too-large')
    expect(await codeOf(httpStore({ url }).getRecord(openingKey(hash)))).to.equal('record-refused')
  })

  it('believes an announced length only to refuse it', async () => {
    answer = (_, response) =>
      response.writeHead(200, { 'content-type': BLOB, 'content-length': 1_000_000 }).write('x')
    expect(await codeOf(httpStore({ url }).get(hash, { maxBytes: 1_000 }))).to.equal('blob-too-large')
  })

  it('follows no redirect', async () => {
    answer = (_, response) => response.writeHead(302, { location: `${url}/elsewhere` }).end()
    expect(await codeOf(httpStore({ url, retries: 0 }).get(hash, { maxBytes: 100 }))).to.equal('unavailable')
    expect(requests).to.deep.equal([`GET /blobs/${hash}`])
  })

  it('gives up on a server that says nothing', async () => {
    answer = () => {}
    await atSomePace(async (stallTimeoutMs) => {
      requests = []
      const store = httpStore({ url, stallTimeoutMs, retries: 1 })
      expect(await codeOf(store.get(hash, { maxBytes: 100 }))).to.equal('unavailable')
      return requests.length === 2
    })
  })

  it('tries again after a passing fault, and reads on', async () => {
    answer = (_, response) => {
      if (requests.length === 1) response.socket?.destroy()
      else if (requests.length === 2) response.writeHead(500).end('<html>')
      else sendBlob(response, bytes)
    }
    expect(await httpStore({ url }).get(hash, { maxBytes: 100 })).to.have.length(bytes.length)
    expect(requests).to.have.length(3)
  })

  it('notices a body that was cut off', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': BLOB, 'content-length': bytes.length })
      response.write(bytes.subarray(0, 5), () => response.destroy())
    }
    expect(await codeOf(httpStore({ url, retries: 0 }).get(hash, { maxBytes: 100 }))).to.equal('unavailable')
  })

  const strange: [string, RequestListener][] = [
    ['a page without the blob', (_, response) => response.writeHead(404).end('<html>no backend</html>')],
    ['a firewall', (_, response) => response.writeHead(403).end('<html>blocked</html>')],
    ['a demand for a password', (_, response) => response.writeHead(401).end('who are you?')],
    ['a time-out of a proxy', (_, response) => response.writeHead(408).end()],
    ['a long page of a failed proxy', (_, response) => response.writeHead(502).end('x'.repeat(70_000))],
    [
      'a page about maintenance',
      (_, response) => response.setHeader('content-type', 'text/html').end('<html>back soon</html>'),
    ],
    ['content without a type', (_, response) => response.end(bytes)],
    [
      "another service's JSON",
      (_, response) => response.writeHead(404, { 'content-type': RECORD }).end('{"code":"NoSuchKey"}'),
    ],
    ['JSON that is no object', (_, response) => response.writeHead(404).end('null')],
  ]
  for (const [what, page] of strange)
    it(`takes ${what} for no answer of a store`, async () => {
      answer = page
      const store = httpStore({ url, retries: 0 })
      expect(await codeOf(store.get(hash, { maxBytes: 100 })), 'get').to.equal('unavailable')
      expect(await codeOf(store.getRecord(openingKey(hash))), 'getRecord').to.equal('unavailable')
      expect(await codeOf(store.has(hash)), 'has').to.equal('unavailable')
    })

  it('takes a refused upload for a refusal only when a store refused it', async () => {
    const store = httpStore({ url, retries: 0 })
    answer = (request, response) => request.resume().on('end', () => response.writeHead(413).end('too large'))
    expect(await codeOf(store.put(bytes))).to.equal('unavailable')
    answer = (request, response) =>
      request
        .resume()
        .on('end', () => response.writeHead(413).end('{"code":"blob-too-large","message":"no"}'))
    expect(await codeOf(store.put(bytes))).to.equal('blob-too-large')
  })

  it('says what answered and where to look', async () => {
    answer = (_, response) => response.writeHead(403).end('<html>blocked</html>')
    const error = await httpStore({ url, retries: 0 })
      .get(hash, { maxBytes: 100 })
      .catch((reason: Error) => reason)
    expect(String(error)).to.match(/answered 403 with "<html>blocked<\/html>".*proxy/)
  })

  it('takes http and https addresses only', () => {
    for (const wrong of ['', 'ftp://x', 'file:///etc/passwd', 'localhost']) {
      expect(() => httpStore({ url: wrong })).to.throw(StoreError, 'http://host:port')
    }
  })
})

describe('the HTTP store, on a slow line', () => {
  let answer: RequestListener
  let requests: number
  let url: string
  const server = createServer((request, response) => {
    requests += 1
    answer(request, response)
  })

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    requests = 0
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Sends the first bytes of a blob, one at a time. */
  function drip(response: ServerResponse, { count, everyMs }: { count: number; everyMs: number }): void {
    response.writeHead(200, { 'content-type': BLOB, 'content-length': bytes.length })
    let sent = 0
    const timer = setInterval(() => {
      response.write(bytes.subarray(sent, sent + 1))
      sent += 1
      if (sent === count) clearInterval(timer)
      if (sent === bytes.length) response.end()
    }, everyMs)
    response.on('close', () => clearInterval(timer))
  }

  /** How a transfer ended: in words that say which limit it passed. */
  async function endOf(work: Promise<unknown>): Promise<string> {
    return work.then(
      () => 'done',
      (error: unknown) =>
        error instanceof StoreError && error.code === 'unavailable' ? error.message : String(error),
    )
  }

  it('waits for a blob that comes slowly but steadily, however long it takes', async () => {
    await atSomePace(async (stallTimeoutMs) => {
      answer = (_, response) => drip(response, { count: bytes.length, everyMs: stallTimeoutMs / 7 })
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond: 1 })
      return (await endOf(store.get(hash, { maxBytes: 100 }))) === 'done'
    })
  })

  it('gives up on a blob that stops coming', async () => {
    answer = (_, response) => drip(response, { count: 3, everyMs: 10 })
    const store = httpStore({ url, stallTimeoutMs: 200, retries: 0, slowestBytesPerSecond: 1 })
    expect(await endOf(store.get(hash, { maxBytes: 100 }))).to.include('no byte moved for 200 ms')
  })

  it('gives up on a blob that comes too slowly ever to end', async () => {
    await atSomePace(async (stallTimeoutMs) => {
      answer = (_, response) => drip(response, { count: bytes.length, everyMs: 0.45 * stallTimeoutMs })
      // Of 100 bytes it expects the last after 3.5 stalls; the blob takes more than seven.
      const slowestBytesPerSecond = 40_000 / stallTimeoutMs
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond })
      return (await endOf(store.get(hash, { maxBytes: 100 }))).includes('100 bytes or fewer took over')
    })
  })

  it('waits for a server that takes an upload slowly but steadily', async () => {
    const upload = new Uint8Array(24 << 20)
    await atSomePace(async (stallTimeoutMs) => {
      // The server takes at least five stalls for 384 pieces. The store would wait for 21, and in silence for 4.4.
      answer = async (request, response) => {
        let taken = 0
        for await (const chunk of request)
          for (taken += chunk.length; taken >= 65_536; taken -= 65_536)
            await sleep(Math.ceil(stallTimeoutMs / 76))
        response.writeHead(204).end()
      }
      const slowestBytesPerSecond = upload.length / (0.02 * stallTimeoutMs)
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond })
      return (await endOf(store.put(upload))) === 'done'
    })
  })

  it('gives up on a server that stops taking an upload', async () => {
    answer = () => {}
    const upload = new Uint8Array(64 << 20)
    await atSomePace(async (stallTimeoutMs) => {
      // What the system may hold back of it takes two stalls at this speed, and the whole 32.
      const slowestBytesPerSecond = upload.length / (0.032 * stallTimeoutMs)
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond })
      return (await endOf(store.put(upload))).includes('no byte moved')
    })
  })

  it('reads what arrived while its own process was busy', async () => {
    await atSomePace(async (stallTimeoutMs) => {
      answer = (_, response) => {
        response.on('finish', () => {
          const until = performance.now() + 3 * stallTimeoutMs
          while (performance.now() < until);
        })
        sendBlob(response, bytes)
      }
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond: 1 })
      return (await endOf(store.get(hash, { maxBytes: 100 }))) === 'done'
    })
  })

  it("ends all looks at their reader's one deadline, and tries none again", async () => {
    const controller = new AbortController()
    const { signal } = controller
    answer = () => requests === 3 && controller.abort(new Error('the phase is over'))
    const store = httpStore({ url })
    const looks = [store.get(hash, { maxBytes: 100, signal }), store.getRecord(openingKey(hash), { signal })]
    const ends = await Promise.all([...looks, store.has(hash, { signal })].map(codeOf))
    expect(ends).to.deep.equal(['unavailable', 'unavailable', 'unavailable'])
    // Another attempt would come after a tenth of a second.
    await sleep(300)
    expect(requests).to.equal(3)
  })
})
