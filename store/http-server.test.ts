import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MAX_RECORD_BYTES } from './blob-store.ts'
import { someOpening } from './fixtures/records.ts'
import { atSomePace, bytes, codeOf, hash, sleep, until } from './fixtures/transfers.ts'
import { type BlobServer, type BlobServerOptions, startBlobServer } from './http-server.ts'
import { httpStore } from './http-store.ts'
import { openingKey } from './records.ts'

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

  const start = (limits: Partial<BlobServerOptions> = {}) =>
    startBlobServer({
      dir,
      port: 0,
      maxBlobBytes: 1_000,
      uploads: { total: 2, keptForDuty: 0 },
      lingerMs: 50,
      ...limits,
    })

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

  const untilUploading = (count: number) =>
    until(`${count} uploads run`, async () => (await uploads()) === count)

  const put = (path: string, length: number | string, body: string) =>
    `PUT ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n${body}`

  async function keptFiles(): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const kept = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('server'))
    return kept.map((entry) => entry.name)
  }

  /** The server cleans up after a connection has closed. Waits for that, not for a time. */
  const untilNothingIsKept = () => until('nothing is kept', async () => (await keptFiles()).length === 0)

  it('keeps nothing of an upload whose sender goes away', async () => {
    await raw(put(`/blobs/${hash}`, 500, 'a third of it'), { leave: untilUploading(1) })
    await untilUploading(0)
    await untilNothingIsKept()
    expect(await httpStore({ url: server.url }).has(hash)).to.equal(false)
  })

  it('waits for a sender that is slow, longer than for one that is silent', async () => {
    await atSomePace(async (stallTimeoutMs) => {
      const patient = await start({ stallTimeoutMs, leastRate: { bytesPerSecond: 1, windowMs: 10_000 } })
      // The whole upload takes far longer than the server waits for one piece.
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
      return status === 200
    })
    expect(await httpStore({ url: server.url, retries: 0 }).has(hash)).to.equal(true)
    await rm(join(dir, 'blobs'), { recursive: true })
  })

  it('drops a sender that stops sending', async () => {
    const impatient = await start({ stallTimeoutMs: 200 })
    const answer = await raw(put(`/blobs/${hash}`, 500, 'and then silence'), { to: impatient })
    await impatient.close()
    expect(answer).to.not.contain('200')
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
    const { commitment } = await someOpening('long')
    const response = await fetch(`${server.url}/records/${openingKey(commitment)}`, {
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

  it('leaves nothing open when its port is taken', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'assay-taken-'))
    const second = start({ dir: elsewhere, port: Number(new URL(server.url).port) })
    expect(await codeOf(second)).to.match(/EADDRINUSE/)
    // SQLite removes the log of a database when its last connection ends.
    expect(await readdir(join(elsewhere, 'server'))).to.not.include('ledger.sqlite-wal')
    await rm(elsewhere, { recursive: true })
  })

  it('lets no more uploads run at once than its limit, and is free again afterwards', async () => {
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
