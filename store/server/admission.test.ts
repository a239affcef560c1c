import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BlobStore } from '../blob-store.ts'
import { contributor, putOpening, someOpening, stranger } from '../fixtures/records.ts'
import { atSomePace, bytes, codeOf, hash, until } from '../fixtures/transfers.ts'
import { type BlobServer, type BlobServerOptions, startBlobServer } from '../http-server.ts'
import { httpStore } from '../http-store.ts'
import type { Receipt } from '../receipt.ts'
import { openingKey } from '../records.ts'
import { hashOf } from '../sha256.ts'
import { signTicket, TICKET_HEADER, type UploadTicket } from '../upload-ticket.ts'
import type { Registry } from './registry.ts'

const TASK = 7n
/** The contributor is enrolled in the task, and has a duty unless a test says otherwise. */
function registryOf(hasDuty = () => true): Registry {
  return {
    standingOf: async (account, taskId) => {
      const admitted = taskId === TASK && account === contributor.address.toLowerCase()
      return { admitted, hasDuty: admitted && hasDuty() }
    },
  }
}

describe('uploads to a blob server', () => {
  let dir: string
  let server: BlobServer
  let sockets: Socket[]

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-admission-'))
    sockets = []
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await server.close()
    await rm(dir, { recursive: true })
  })

  async function start(options: Partial<BlobServerOptions> = {}): Promise<void> {
    server = await startBlobServer({ dir, port: 0, lingerMs: 50, ...options })
  }
  const storeOf = (account = contributor, taskId = TASK): BlobStore =>
    httpStore({ url: server.url, account, taskId, retries: 0 })
  const unsigned = () => httpStore({ url: server.url, retries: 0 })
  const health = async () =>
    (await (await fetch(`${server.url}/health`)).json()) as {
      uploads: number
      seconds: number
      store: string
    }

  /** Opens an upload that never goes on. @returns resolves when the server hangs up */
  function dripping(headers: string[] = [], path = `/blobs/${hash}`): Promise<void> {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    sockets.push(socket)
    const head = ['host: x', 'content-type: application/octet-stream', 'content-length: 500', ...headers]
    socket.write(`PUT ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\nx`)
    socket.on('error', () => undefined)
    return new Promise((resolve) => socket.once('close', () => resolve()))
  }
  const untilUploading = (count: number) =>
    until(`${count} uploads run`, async () => (await health()).uploads === count)
  async function ticketOf(change: Partial<UploadTicket> = {}, account = contributor): Promise<string> {
    const { store, seconds } = await health()
    const own = { store: store as `0x${string}`, seconds, path: `blobs/${hash}`, sizeBytes: bytes.length }
    return signTicket({ ...own, taskId: TASK, nonce: '0f'.repeat(16), ...change }, account)
  }
  async function putWith(ticket: string, path = `blobs/${hash}`): Promise<string> {
    const headers = { 'content-type': 'application/octet-stream', [TICKET_HEADER]: ticket }
    const response = await fetch(`${server.url}/${path}`, { method: 'PUT', body: bytes, headers })
    return response.ok ? 'taken' : ((await response.json()) as { code: string; message: string }).message
  }

  it('go on beside as many slow ones as once shut it (attack 32)', async () => {
    await start()
    for (let i = 0; i < 40; i++) dripping()
    await untilUploading(40)
    expect(await unsigned().put(bytes)).to.equal(hash)
  })

  it('are cut when they drip, so that there is room again (attack 32)', async () => {
    await atSomePace(async (windowMs) => {
      await start({ leastRate: { bytesPerSecond: 1_000, windowMs }, uploads: { total: 2, keptForDuty: 0 } })
      const drip = setInterval(() => sockets.map((socket) => socket.writable && socket.write('x')), 20)
      let [isFull, isOver] = [false, false]
      const cut = Promise.all([dripping(), dripping()]).then(() => {
        isOver = true
      })
      await until('both are let in, or cut before anybody could look', async () => {
        isFull = (await health()).uploads === 2
        return isFull || isOver
      })
      await cut
      clearInterval(drip)
      if (!isFull) await server.close()
      return isFull
    })
    await untilUploading(0)
    expect(await unsigned().put(bytes)).to.equal(hash)
  })

  it('are of anybody on a machine of one’s own, signed or not', async () => {
    await start()
    expect(await unsigned().put(bytes)).to.equal(hash)
    expect(await storeOf(stranger).put(bytes)).to.equal(hash)
  })

  it('are of enrolled accounts only, where the chain is asked', async () => {
    await start({ registry: registryOf() })
    const some = await someOpening('admitted')
    expect(await codeOf(unsigned().put(some.update))).to.equal('not-admitted')
    expect(await codeOf(storeOf(stranger).put(some.update))).to.equal('not-admitted')
    expect(await codeOf(storeOf(contributor, 8n).put(some.update))).to.equal('not-admitted')
    await putOpening(storeOf(), some)
    expect(await codeOf(unsigned().putRecord(openingKey(some.commitment), some.bytes))).to.equal(
      'not-admitted',
    )
    expect(await unsigned().get(hashOf(some.update), { maxBytes: 100 })).to.deep.equal(some.update)
  })

  it('say to a stranger how it can be let in', async () => {
    await start({ registry: registryOf() })
    const error = await storeOf(stranger)
      .put(new Uint8Array(3_000_000))
      .catch((reason: Error) => reason)
    expect(String(error)).to.include(`--allow ${stranger.address.toLowerCase()}`)
  })

  it('need a ticket for this store, this upload and this minute, and take each once', async () => {
    await start({ registry: registryOf() })
    const { seconds } = await health()
    const wrong: [Partial<UploadTicket>, RegExp][] = [
      [{ store: stranger.address }, /signed by/],
      [{ path: `blobs/${hashOf(new Uint8Array(1))}` }, /signed by/],
      [{ sizeBytes: bytes.length + 1 }, /signed by/],
      [{ seconds: seconds - 1_000 }, /of another time, \d+ seconds/],
      [{ seconds: seconds + 1_000 }, /of another time, \d+ seconds/],
    ]
    for (const [change, reason] of wrong) expect(await putWith(await ticketOf(change))).to.match(reason)
    for (const header of ['', 'x', `7 1 2 3 ${'0'.repeat(300)}`])
      expect(await putWith(header)).to.include('no signed ticket')
    const ticket = await ticketOf()
    expect(await putWith(ticket)).to.equal('taken')
    expect(await putWith(ticket)).to.include('used before')
  })

  it('of an address that sends bad tickets are not looked at any more, for a while', async () => {
    await start({ registry: registryOf(), proxy: '127.0.0.1' })
    const from = async (address: string) => {
      const headers = {
        'content-type': 'application/octet-stream',
        'x-forwarded-for': address,
        [TICKET_HEADER]: 'none',
      }
      return (await fetch(`${server.url}/blobs/${hash}`, { method: 'PUT', body: bytes, headers })).status
    }
    for (let i = 0; i < 30; i++) expect(await from('203.0.113.7')).to.equal(403)
    expect(await from('203.0.113.7')).to.equal(503)
    expect(await from('203.0.113.8')).to.equal(403)
    expect(await storeOf().put(bytes)).to.equal(hash)
  })

  it('of accounts with a duty find room, however many others there are (attack 32)', async () => {
    let duty = false
    await start({
      registry: registryOf(() => duty),
      uploads: { total: 4, keptForDuty: 2, perAccount: 8 },
    })
    for (const nonce of ['01', '02'])
      dripping([`${TICKET_HEADER}: ${await ticketOf({ sizeBytes: 500, nonce: nonce.repeat(16) })}`])
    await untilUploading(2)
    expect(await codeOf(storeOf().put(bytes))).to.equal('unavailable')
    duty = true
    expect(await storeOf().put(bytes)).to.equal(hash)
  })

  it('of one account can not take the room of another', async () => {
    await start({ registry: registryOf(), uploads: { perAccount: 2 } })
    for (const nonce of ['01', '02'])
      dripping([`${TICKET_HEADER}: ${await ticketOf({ sizeBytes: 500, nonce: nonce.repeat(16) })}`])
    await untilUploading(2)
    const error = await storeOf()
      .put(bytes)
      .catch((reason: Error) => reason)
    expect(String(error)).to.include('2 uploads of 0x')
  })

  it('of one address can not take the room of another, also behind a proxy', async () => {
    await start({ proxy: '127.0.0.1', uploads: { perAddress: 2 } })
    for (let i = 0; i < 2; i++) dripping(['x-forwarded-for: 203.0.113.7'])
    await untilUploading(2)
    const from = async (address: string) => {
      const headers = { 'content-type': 'application/octet-stream', 'x-forwarded-for': address }
      return (await fetch(`${server.url}/blobs/${hash}`, { method: 'PUT', body: bytes, headers })).status
    }
    expect(await from('203.0.113.7')).to.equal(503)
    expect(await from('203.0.113.8')).to.equal(200)
  })

  it('of one account end at its quota, and what is here already costs nothing', async () => {
    await start({ registry: registryOf(), maxAccountBytes: 100 })
    const first = new Uint8Array(80)
    await storeOf().put(first)
    expect(await codeOf(storeOf().put(new Uint8Array(30)))).to.equal('full')
    await storeOf().put(first)
    await storeOf().put(new Uint8Array(20))
    await server.close()
    await start({ registry: registryOf(), maxAccountBytes: 100 })
    expect(await codeOf(storeOf().put(new Uint8Array(1)))).to.equal('full')
  })

  it('are confirmed with a receipt of when they were here first, by the same account after a restart', async () => {
    await start()
    const receipts: Receipt[] = []
    const store = () => httpStore({ url: server.url, onReceipt: (receipt) => receipts.push(receipt) })
    const some = await someOpening('confirmed')
    await putOpening(store(), some)
    await server.close()
    await start()
    await store().put(some.update)
    const [blob, record, again] = receipts
    expect(blob).to.include({ path: `blobs/${hashOf(some.update)}`, sizeBytes: some.update.length })
    expect(record).to.include({
      path: `records/${openingKey(some.commitment)}`,
      sizeBytes: some.bytes.length,
    })
    expect(again).to.deep.equal(blob)
    expect(blob!.store).to.equal((await health()).store.toLowerCase())
  })
})

describe('downloads from a blob server', () => {
  let dir: string
  let server: BlobServer
  const large = new Uint8Array(64 << 20)

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-downloads-'))
  })
  afterEach(async () => {
    await server.close()
    await rm(dir, { recursive: true })
  })

  /** Asks for a blob and reads nothing of it. */
  function ignoring(from: string): { socket: Socket; closed: Promise<void>; begun: Promise<void> } {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    const begun = new Promise<void>((resolve) => socket.once('readable', () => resolve()))
    socket.write(`GET /blobs/${hashOf(large)} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: ${from}\r\n\r\n`)
    return { socket, begun, closed: new Promise((resolve) => socket.once('close', () => resolve())) }
  }

  it('of one address can not take all the room, and a reader that does not read is cut', async () => {
    server = await startBlobServer({ dir, port: 0 })
    await httpStore({ url: server.url }).put(large)
    const from = async (address: string) => {
      const headers = { 'x-forwarded-for': address }
      const response = await fetch(`${server.url}/blobs/${hashOf(large)}`, { headers })
      await response.body?.cancel()
      return response.status
    }
    await atSomePace(async (windowMs) => {
      await server.close()
      const downloads = { perAddress: 2 }
      const leastRate = { bytesPerSecond: 1_000, windowMs }
      server = await startBlobServer({ dir, port: 0, proxy: '127.0.0.1', downloads, leastRate })
      const greedy = [ignoring('203.0.113.7'), ignoring('203.0.113.7')]
      await Promise.all(greedy.map(({ begun }) => begun))
      const statuses = [await from('203.0.113.7'), await from('203.0.113.8')]
      // What the network holds for a reader must be read before its end can be seen.
      const cut = greedy.map(async ({ socket, closed }) => {
        await until('a place is free again', async () => (await from('203.0.113.7')) !== 503)
        socket.resume()
        await closed
      })
      await Promise.all(cut)
      return statuses.join() === '503,200'
    })
  })
})
