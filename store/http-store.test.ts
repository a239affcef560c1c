import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { StoreError } from './blob-store.ts'
import { atSomePace, bytes, codeOf, hash, receiptFor, sleep } from './fixtures/transfers.ts'
import { httpStore } from './http-store.ts'
import { openingKey } from './records.ts'

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
    it(`does not take ${what} for a store's answer`, async () => {
      answer = page
      const store = httpStore({ url, retries: 0 })
      expect(await codeOf(store.get(hash, { maxBytes: 100 })), 'get').to.equal('unavailable')
      expect(await codeOf(store.getRecord(openingKey(hash))), 'getRecord').to.equal('unavailable')
      expect(await codeOf(store.has(hash)), 'has').to.equal('unavailable')
    })

  it('reports a refused upload only when a store refused it', async () => {
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

    answer = (_, response) =>
      response
        .writeHead(507, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code: 'full', message: `no\u001b[2J\n${'x'.repeat(900)}` }))
    const hostile = await httpStore({ url, retries: 0 })
      .get(hash, { maxBytes: 100 })
      .catch((reason: Error) => reason)
    expect(hostile).to.have.property('message', `no\\u{1b}[2J\\u{a}${'x'.repeat(493)}…`)
  })

  it('takes http and https addresses only', () => {
    for (const wrong of ['', 'ftp://me:secret@x', 'file:///etc/passwd', 'localhost']) {
      const opening = expect(() => httpStore({ url: wrong }))
      opening.to.throw(StoreError, 'http://host:port')
      opening.to.not.throw(/secret/)
    }
  })

  it('sends the user and password of its address, and never tells them', async () => {
    const logins: (string | undefined)[] = []
    answer = (request, response) => {
      logins.push(request.headers.authorization)
      if (request.method === 'GET' && logins.length < 3) sendBlob(response, bytes)
      else request.resume().on('end', () => response.writeHead(500).end('<html>'))
    }
    const secret = httpStore({ url: url.replace('//', '//me:s%C3%A9cret@'), retries: 0 })
    await secret.get(hash, { maxBytes: 100 })
    await secret.has(hash)
    const errors = await Promise.all(
      [secret.put(bytes), secret.getRecord(openingKey(hash))].map((work) =>
        work.catch((error: unknown) => error),
      ),
    )
    const down = await httpStore({ url: 'http://me:s%C3%A9cret@127.0.0.1:9', retries: 0 })
      .has(hash)
      .catch((error: unknown) => error)
    expect(new Set(logins)).to.deep.equal(new Set([`Basic ${Buffer.from('me:sécret').toString('base64')}`]))
    for (const error of [...errors, down])
      expect(inspect(error, { depth: 9 }))
        .to.match(/StoreError/)
        .and.not.to.match(/cret/)
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

  /** How a transfer ended, in words that say which limit it exceeded. */
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
      // The store expects the last of 100 bytes after 3.5 stall timeouts; the blob takes more than seven.
      const slowestBytesPerSecond = 40_000 / stallTimeoutMs
      const store = httpStore({ url, stallTimeoutMs, retries: 0, slowestBytesPerSecond })
      return (await endOf(store.get(hash, { maxBytes: 100 }))).includes('100 bytes or fewer took over')
    })
  })

  it('waits for a server that takes an upload slowly but steadily', async () => {
    const upload = new Uint8Array(24 << 20)
    await atSomePace(async (stallTimeoutMs) => {
      // The server takes at least five stall timeouts for 384 pieces. The store would wait for 21, and in silence for
      // 4.4.
      answer = async (request, response) => {
        let taken = 0
        for await (const chunk of request)
          for (taken += chunk.length; taken >= 65_536; taken -= 65_536)
            await sleep(Math.ceil(stallTimeoutMs / 76))
        response.end(await receiptFor(request))
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
      // At this speed the bytes that the system may buffer take two stall timeouts, and the whole upload 32.
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

  it('ends all reads at the deadline that they share, and repeats none', async () => {
    const controller = new AbortController()
    const { signal } = controller
    answer = () => requests === 3 && controller.abort(new Error('the phase is over'))
    const store = httpStore({ url })
    const reads = [store.get(hash, { maxBytes: 100, signal }), store.getRecord(openingKey(hash), { signal })]
    const ends = await Promise.all([...reads, store.has(hash, { signal })].map(codeOf))
    expect(ends).to.deep.equal(['unavailable', 'unavailable', 'unavailable'])
    // Another attempt would come after a tenth of a second.
    await sleep(300)
    expect(requests).to.equal(3)
  })
})
