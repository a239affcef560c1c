import type { AddressInfo, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import {
  DEFAULT_MAX_BLOB_BYTES,
  DEFAULT_MAX_TOTAL_BYTES,
  MAX_RECORD_BYTES,
  requireHash,
  StoreError,
  type StoreErrorCode,
} from './blob-store.ts'
import { type FileStore, type FileStoreOptions, openFileStore } from './file-store.ts'
import { longestTransferMs, SLOWEST_BYTES_PER_SECOND } from './pace.ts'
import { parseRecordKey } from './records.ts'
import { repeat } from './repeat.ts'
import { type Desk, nowSeconds, openDesk } from './server/desk.ts'
import type { LeastRate } from './server/least-rate.ts'
import { type Ledger, openLedger } from './server/ledger.ts'
import type { RetentionRules } from './server/needs.ts'
import { type Pruned, prune } from './server/prune.ts'
import type { Registry } from './server/registry.ts'
import { isThisMachine, networkOf, type RoomLimits } from './server/room.ts'
import { openStoreAccount } from './server/store-account.ts'

export type BlobServerOptions = FileStoreOptions & {
  /** Address to listen on; by default only this machine can connect. */
  host?: string
  /** Port to listen on; 0 takes a free one. */
  port: number
  /** Who may upload: signed requests of these accounts. Without it anybody may, as on a machine of one's own. */
  registry?: Registry | undefined
  /** Most bytes that one account may keep here; a sixteenth of `maxTotalBytes` by default. */
  maxAccountBytes?: number | undefined
  /** Address of a proxy in front, whose word counts on where a request comes from. */
  proxy?: string | undefined
  /** Longest time in which no byte of a request or its answer moves, in milliseconds. */
  stallTimeoutMs?: number
  /** How slow a transfer may be. */
  leastRate?: LeastRate
  /** Uploads and downloads that may run at once; others get 'unavailable'. */
  uploads?: Partial<RoomLimits>
  downloads?: Partial<RoomLimits>
  /** Milliseconds in which the body of a refused upload is still taken, so that its sender reads the answer. */
  lingerMs?: number
  /** What is removed when; nothing by default. */
  retention?: Retention | undefined
}

/** How a server prunes its folder, at its start and then every hour. */
export type Retention = {
  rules: RetentionRules
  /** The chain that tells what is still needed. */
  reader: () => Promise<AssayReader>
  onPruned?: (pruned: Pruned) => void
  /** Told why nothing could be removed this time. */
  onFailure?: (error: Error) => void
}

export type BlobServer = { url: string; close(): Promise<void> }

type Server = { files: FileStore; desk: Desk; lingerMs: number }

const DEFAULT_STALL_TIMEOUT_MS = 60_000
const DEFAULT_LINGER_MS = 2_000
const DEFAULT_LEAST_RATE: LeastRate = { bytesPerSecond: SLOWEST_BYTES_PER_SECOND, windowMs: 10_000 }
/** Half of them are kept for accounts with a duty. An attacker needs many enrolled accounts to fill even the other. */
const DEFAULT_UPLOADS: RoomLimits = { total: 512, keptForDuty: 256, perAccount: 8, perAddress: 64 }
const DEFAULT_DOWNLOADS: RoomLimits = { total: 1_024, keptForDuty: 0, perAccount: 64, perAddress: 64 }
const MOST_CONNECTIONS = 4_096
const MOST_CONNECTIONS_PER_ADDRESS = 256
/** Longest time for a request's head, in milliseconds. */
const HEAD_TIMEOUT_MS = 15_000
const LONGEST_KEY = 256
const PRUNE_EVERY_MS = 3_600_000

const STATUS: Record<StoreErrorCode, number> = {
  'blob-missing': 404,
  'blob-too-large': 413,
  'blob-corrupt': 422,
  'bad-request': 400,
  'record-refused': 422,
  'record-taken': 409,
  'not-admitted': 403,
  full: 507,
  unavailable: 503,
}

/**
 * Serves a folder of blobs and records over HTTP: `PUT|GET /blobs/<hash>`, `PUT|GET /records/<key>`, `GET /health`.
 * An upload is answered with a signed receipt. Errors are JSON `{ code, message }` with a StoreErrorCode.
 *
 * A transfer takes memory for one network buffer at most, and the number of transfers is limited. Nothing is kept of an
 * upload that is too slow, too long or has another hash than announced.
 */
export async function startBlobServer(options: BlobServerOptions): Promise<BlobServer> {
  const maxBlobBytes = options.maxBlobBytes ?? DEFAULT_MAX_BLOB_BYTES
  const files = await openFileStore(options)
  const account = await openStoreAccount(options.dir)
  const ledger = await openLedger(options.dir)
  const desk = openDesk({
    account,
    ledger,
    registry: options.registry,
    maxBlobBytes,
    maxAccountBytes: options.maxAccountBytes ?? (options.maxTotalBytes ?? DEFAULT_MAX_TOTAL_BYTES) / 16,
    uploads: { ...DEFAULT_UPLOADS, ...options.uploads },
    downloads: { ...DEFAULT_DOWNLOADS, ...options.downloads },
    leastRate: options.leastRate ?? DEFAULT_LEAST_RATE,
  })
  const server: Server = { files, desk, lingerMs: options.lingerMs ?? DEFAULT_LINGER_MS }
  const app = openApp(options, maxBlobBytes)
  addBodies(app)
  addBlobRoutes(app, server)
  addRecordRoutes(app, server)
  const told = { store: account.address, uploaders: options.registry ? 'enrolled' : 'anybody', maxBlobBytes }
  app.get('/health', async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send({ status: 'ok', uploads: desk.uploadsRunning(), ...told, seconds: nowSeconds() }),
  )
  addErrors(app, server)
  const stopPruning = options.retention && startPruning(options.retention, files, ledger)
  app.addHook('onClose', async () => {
    await stopPruning?.()
    ledger.close()
  })

  const host = options.host ?? '127.0.0.1'
  await app.listen({ host, port: options.port }).catch(async (error) => {
    await app.close()
    throw error
  })
  const { port } = app.server.address() as AddressInfo
  const urlHost = host.includes(':') ? `[${host}]` : host
  return { url: `http://${urlHost}:${port}`, close: () => app.close() }
}

/** @returns waits for the pruning that runs, and begins none any more */
function startPruning(
  { rules, reader, onPruned, onFailure }: Retention,
  files: FileStore,
  ledger: Ledger,
): () => Promise<void> {
  return repeat(PRUNE_EVERY_MS, async () => {
    try {
      onPruned?.(await prune({ files, ledger, reader: await reader(), rules, now: nowSeconds() }))
    } catch (error) {
      onFailure?.(error as Error)
    }
  })
}

function openApp(options: BlobServerOptions, maxBlobBytes: number): FastifyInstance {
  const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS
  const slowestBytesPerSecond = SLOWEST_BYTES_PER_SECOND
  const app = fastify({
    bodyLimit: MAX_RECORD_BYTES,
    requestTimeout: longestTransferMs(maxBlobBytes, { stallTimeoutMs, slowestBytesPerSecond }),
    connectionTimeout: stallTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_KEY },
    ...(options.proxy === undefined ? {} : { trustProxy: options.proxy }),
  })
  app.server.headersTimeout = HEAD_TIMEOUT_MS
  app.server.maxConnections = MOST_CONNECTIONS
  // Behind a proxy all connections come from one address.
  if (options.proxy === undefined) app.server.on('connection', limitPerAddress(MOST_CONNECTIONS_PER_ADDRESS))
  return app
}

/** Hangs up on an address that has too many connections already. */
function limitPerAddress(most: number): (socket: Socket) => void {
  const open = new Map<string, number>()
  return (socket) => {
    const address = socket.remoteAddress ?? ''
    if (isThisMachine(address)) return
    const network = networkOf(address)
    const count = (open.get(network) ?? 0) + 1
    if (count > most) {
      socket.destroy()
      return
    }
    open.set(network, count)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left > 0) open.set(network, left)
      else open.delete(network)
    })
  }
}

/** Blobs are read as streams, records as a whole up to fastify's bodyLimit. */
function addBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
}

// ---- blobs

function addBlobRoutes(app: FastifyInstance, { files, desk }: Server): void {
  app.put<{ Params: { hash: string } }>(
    '/blobs/:hash',
    {
      onRequest: (request, reply) =>
        desk.admitUpload(request, reply, `blobs/${requireHash(request.params.hash)}`),
    },
    async (request) => receiveBlob(files, desk, request),
  )

  app.get<{ Params: { hash: string } }>(
    '/blobs/:hash',
    { exposeHeadRoute: false },
    async (request, reply) => {
      const hash = requireHash(request.params.hash)
      desk.admitDownload(request, reply)
      const { bytes, stream } = await files.openBlob(hash)
      return reply
        .header('content-length', bytes)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type('application/octet-stream')
        .send(stream)
    },
  )
}

async function receiveBlob(
  files: FileStore,
  desk: Desk,
  request: FastifyRequest<{ Params: { hash: string } }>,
) {
  const expected = requireHash(request.params.hash)
  const body = request.body as Readable | undefined
  if (!body) throw new StoreError('bad-request', 'send the blob as a body of type application/octet-stream.')
  let sizeBytes = 0
  async function* counted(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length
      yield chunk
    }
  }
  await files.putStream(counted(body), { expected })
  return desk.confirm(request, `blobs/${expected}`, sizeBytes)
}

// ---- records

function addRecordRoutes(app: FastifyInstance, { files, desk }: Server): void {
  app.put<{ Params: { '*': string } }>(
    '/records/*',
    {
      onRequest: async (request, reply) => {
        parseRecordKey(request.params['*'])
        await desk.admitUpload(request, reply, `records/${request.params['*']}`)
      },
    },
    async (request) => {
      const key = request.params['*']
      if (!Buffer.isBuffer(request.body))
        throw new StoreError('bad-request', 'send the record as application/json.')
      await files.putRecord(key, request.body)
      return desk.confirm(request, `records/${key}`, request.body.length)
    },
  )

  app.get<{ Params: { '*': string } }>('/records/*', async (request, reply) => {
    const key = request.params['*']
    parseRecordKey(key)
    const bytes = await files.getRecord(key)
    if (!bytes)
      return reply.code(404).send({ code: 'blob-missing', message: `nobody has written record ${key}.` })
    return reply.type('application/json').header('cache-control', 'no-store').send(bytes)
  })
}

// ---- errors

function addErrors(app: FastifyInstance, server: Server): void {
  app.setErrorHandler((error, request, reply) => answerError(server, request, reply, error))
  app.setNotFoundHandler((request, reply) =>
    answerError(
      server,
      request,
      reply,
      new StoreError('bad-request', `nothing here is called ${request.url.slice(0, LONGEST_KEY)}.`),
    ),
  )
}

function answerError(
  { lingerMs }: Server,
  { raw }: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const known = error instanceof StoreError ? error : asStoreError(error as Error & { statusCode?: number })
  if (raw.destroyed) reply.header('connection', 'close')
  else if (!raw.complete) linger(raw, lingerMs)
  return reply.code(STATUS[known.code]).send({ code: known.code, message: known.message })
}

/** Takes the rest of a refused body for a while: a sender that is cut off at once may never read why. */
function linger(raw: FastifyRequest['raw'], lingerMs: number): void {
  const { socket } = raw
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  const stop = () => {
    clearTimeout(timer)
    socket.off('close', stop)
  }
  socket.once('close', stop)
  raw.once('end', stop)
  raw.resume()
}

function asStoreError(error: Error & { statusCode?: number }): StoreError {
  if (error.statusCode === 413) {
    return new StoreError('record-refused', `a record may have ${MAX_RECORD_BYTES} bytes; this one has more.`)
  }
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new StoreError('bad-request', error.message)
  return new StoreError(
    'unavailable',
    `the store could not do it: ${error.message}. Try again; its operator's disk may be at fault.`,
  )
}
