import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import {
  DEFAULT_MAX_BLOB_BYTES,
  MAX_RECORD_BYTES,
  requireHash,
  StoreError,
  type StoreErrorCode,
} from './blob-store.ts'
import { tooLarge } from './collect.ts'
import { type FileStore, type FileStoreOptions, openFileStore } from './file-store.ts'
import { longestTransferMs, SLOWEST_BYTES_PER_SECOND } from './pace.ts'
import { parseRecordKey } from './records.ts'

export type BlobServerOptions = FileStoreOptions & {
  /** Address to listen on; by default only this machine can connect. */
  host?: string
  /** Port to listen on; 0 takes a free one. */
  port: number
  /** Longest time in which no byte of a request or its answer moves, in milliseconds. */
  stallTimeoutMs?: number
  /** Uploads that may run at once; others get 'unavailable'. */
  maxUploads?: number
}

export type BlobServer = { url: string; close(): Promise<void> }

type Server = { files: FileStore; maxBlobBytes: number; maxUploads: number; uploads: number }

const DEFAULT_STALL_TIMEOUT_MS = 120_000
const DEFAULT_MAX_UPLOADS = 32
const LONGEST_KEY = 256

const STATUS: Record<StoreErrorCode, number> = {
  'blob-missing': 404,
  'blob-too-large': 413,
  'blob-corrupt': 422,
  'bad-request': 400,
  'record-refused': 422,
  'record-taken': 409,
  full: 507,
  unavailable: 503,
}

/**
 * Serves a folder of blobs and records over HTTP: `PUT|GET /blobs/<hash>`, `PUT|GET /records/<key>`, `GET /health`.
 * Errors are JSON `{ code, message }` with a StoreErrorCode.
 *
 * A transfer takes memory for one network buffer at most. Nothing is kept of an upload that is too slow, too long or
 * has another hash than announced.
 */
export async function startBlobServer(options: BlobServerOptions): Promise<BlobServer> {
  const stallTimeoutMs = options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS
  const maxBlobBytes = options.maxBlobBytes ?? DEFAULT_MAX_BLOB_BYTES
  const server: Server = {
    files: await openFileStore(options),
    maxBlobBytes,
    maxUploads: options.maxUploads ?? DEFAULT_MAX_UPLOADS,
    uploads: 0,
  }
  const app = fastify({
    bodyLimit: MAX_RECORD_BYTES,
    requestTimeout: longestTransferMs(maxBlobBytes, {
      stallTimeoutMs,
      slowestBytesPerSecond: SLOWEST_BYTES_PER_SECOND,
    }),
    connectionTimeout: stallTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_KEY },
  })
  addBodies(app)
  addBlobRoutes(app, server)
  addRecordRoutes(app, server)
  app.get('/health', async () => ({ status: 'ok', uploads: server.uploads }))
  app.setErrorHandler((error, _request, reply) => answerError(reply, error))
  app.setNotFoundHandler((request, reply) =>
    answerError(
      reply,
      new StoreError('bad-request', `nothing here is called ${request.url.slice(0, LONGEST_KEY)}.`),
    ),
  )

  const host = options.host ?? '127.0.0.1'
  await app.listen({ host, port: options.port })
  const { port } = app.server.address() as AddressInfo
  const urlHost = host.includes(':') ? `[${host}]` : host
  return { url: `http://${urlHost}:${port}`, close: () => app.close() }
}

/** Blobs are read as streams, records as a whole up to fastify's bodyLimit. */
function addBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
}

function addBlobRoutes(app: FastifyInstance, server: Server): void {
  app.put<{ Params: { hash: string } }>('/blobs/:hash', (request, reply) =>
    receiveBlob(server, request, reply),
  )

  app.get<{ Params: { hash: string } }>(
    '/blobs/:hash',
    { exposeHeadRoute: false },
    async (request, reply) => {
      const { bytes, stream } = await server.files.openBlob(requireHash(request.params.hash))
      return reply
        .header('content-length', bytes)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type('application/octet-stream')
        .send(stream)
    },
  )
}

async function receiveBlob(
  server: Server,
  request: FastifyRequest<{ Params: { hash: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const expected = requireHash(request.params.hash)
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > server.maxBlobBytes) throw tooLarge(expected, announced, server.maxBlobBytes)
  if (server.uploads >= server.maxUploads) {
    throw new StoreError(
      'unavailable',
      `${server.uploads} uploads are running, which is the limit. Try again in a second.`,
    )
  }

  server.uploads++
  try {
    const body = request.body as Readable | undefined
    if (!body)
      throw new StoreError('bad-request', 'send the blob as a body of type application/octet-stream.')
    await server.files.putStream(body, { expected })
    return reply.code(204).send()
  } finally {
    server.uploads--
  }
}

function addRecordRoutes(app: FastifyInstance, server: Server): void {
  app.put<{ Params: { '*': string } }>('/records/*', async (request, reply) => {
    if (!Buffer.isBuffer(request.body))
      throw new StoreError('bad-request', 'send the record as application/json.')
    await server.files.putRecord(request.params['*'], request.body)
    return reply.code(204).send()
  })

  app.get<{ Params: { '*': string } }>('/records/*', async (request, reply) => {
    const key = request.params['*']
    parseRecordKey(key)
    const bytes = await server.files.getRecord(key)
    if (!bytes)
      return reply.code(404).send({ code: 'blob-missing', message: `nobody has written record ${key}.` })
    return reply.type('application/json').header('cache-control', 'no-store').send(bytes)
  })
}

function answerError(reply: FastifyReply, error: unknown): FastifyReply {
  const known = error instanceof StoreError ? error : asStoreError(error as Error & { statusCode?: number })
  if (known.code === 'blob-too-large' || known.code === 'unavailable') reply.header('connection', 'close')
  return reply.code(STATUS[known.code]).send({ code: known.code, message: known.message })
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
