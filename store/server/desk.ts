import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LocalAccount } from 'viem'
import { StoreError } from '../blob-store.ts'
import { tooLarge } from '../collect.ts'
import { type Receipt, signReceipt } from '../receipt.ts'
import type { Address } from '../records.ts'
import { checkTicket, TICKET_HEADER, TICKET_SECONDS, type Uploader } from '../upload-ticket.ts'
import { type LeastRate, watchRate } from './least-rate.ts'
import type { Ledger } from './ledger.ts'
import type { Registry } from './registry.ts'
import { openRoom, type RoomLimits } from './room.ts'
import { openStrikes } from './strikes.ts'

export type DeskOptions = {
  account: LocalAccount
  ledger: Ledger
  /** Who may upload; anybody without it. */
  registry?: Registry | undefined
  maxBlobBytes: number
  /** Most bytes that one account may keep here. It needs a registry: without one, accounts are free. */
  maxAccountBytes: number
  uploads: RoomLimits
  downloads: RoomLimits
  leastRate: LeastRate
}

/** Where each transfer asks whether it may begin. */
export type Desk = ReturnType<typeof openDesk>

const MOST_NONCES = 20_000

export function openDesk(options: DeskOptions) {
  const uploads = openRoom(options.uploads, 'uploads')
  const downloads = openRoom(options.downloads, 'downloads')
  const uploaders = new WeakMap<FastifyRequest, Uploader>()
  const useNonce = openNonces()
  const strikes = openStrikes()

  const identify = async (request: FastifyRequest, path: string, sizeBytes: number | undefined) => {
    const { registry, account: store } = options
    const header = request.headers[TICKET_HEADER]
    if (header === undefined && registry === undefined) return undefined
    if (typeof header !== 'string' || sizeBytes === undefined) throw new StoreError('not-admitted', UNSIGNED)
    strikes.require(request.ip)
    const expected = { store: store.address, path, sizeBytes, seconds: nowSeconds() }
    const uploader = await checkTicket(header, expected).catch((error) => {
      strikes.note(request.ip)
      throw error
    })
    uploaders.set(request, uploader)
    return uploader
  }
  const hasDuty = async (uploader: Uploader | undefined, address: string): Promise<boolean> => {
    if (options.registry === undefined || uploader === undefined) return true
    const { account, taskId } = uploader
    const standing = await options.registry.standingOf(account, taskId)
    if (!standing.admitted) {
      strikes.note(address)
      throw notAdmitted(uploader)
    }
    useNonce(uploader)
    return standing.hasDuty
  }
  const requireQuota = (account: Address | undefined, path: string, sizeBytes: number) => {
    if (options.registry === undefined || account === undefined || options.ledger.has(path)) return
    const kept = options.ledger.bytesOf(account)
    if (kept + sizeBytes <= options.maxAccountBytes) return
    throw new StoreError(
      'full',
      `${account} keeps ${kept} bytes here of at most ${options.maxAccountBytes}; ${sizeBytes} more are too many. Older ones are removed in time, or the store's operator raises --max-account.`,
    )
  }

  return {
    uploadsRunning: uploads.taken,

    /** Lets an upload in, or throws before a byte of it is read. */
    admitUpload: async (request: FastifyRequest, reply: FastifyReply, path: string): Promise<void> => {
      const sizeBytes = announcedBytes(request)
      if (path.startsWith('blobs/') && (sizeBytes ?? 0) > options.maxBlobBytes)
        throw tooLarge(path, sizeBytes!, options.maxBlobBytes)
      const uploader = await identify(request, path, sizeBytes)
      const duty = await hasDuty(uploader, request.ip)
      requireQuota(uploader?.account, path, sizeBytes ?? 0)
      const leave = uploads.take({ account: uploader?.account, address: request.ip, hasDuty: duty })
      const { socket } = request.raw
      const end = watchRate(
        options.leastRate,
        () => socket.bytesRead,
        () => {
          if (!request.raw.complete) socket.destroy()
        },
      )
      whenOver(reply, [leave, end])
    },

    admitDownload: (request: FastifyRequest, reply: FastifyReply): void => {
      const leave = downloads.take({ account: undefined, address: request.ip, hasDuty: true })
      const { socket } = request.raw
      const end = watchRate(
        options.leastRate,
        () => socket.bytesWritten,
        () => socket.destroy(),
      )
      whenOver(reply, [leave, end])
    },

    /** Enters what a request brought, and confirms it. */
    confirm: (request: FastifyRequest, path: string, sizeBytes: number): Promise<Receipt> => {
      const account = uploaders.get(request)?.account
      const entry = options.ledger.enter({ path, account, sizeBytes, seconds: nowSeconds() })
      return signReceipt({ path, sizeBytes, seconds: entry.seconds }, options.account)
    },
  }
}

const UNSIGNED =
  'only accounts that are enrolled or joined in a task may upload here: sign the upload, with its length (GET /health tells for which store).'

function notAdmitted({ account, taskId }: Uploader): StoreError {
  const where = taskId > 0n ? `in task ${taskId}` : 'in a task'
  return new StoreError(
    'not-admitted',
    `${account} is neither enrolled nor joined ${where}, as far as this store sees. Its operator can admit it with --allow ${account}.`,
  )
}

/** Tickets are good for one request: a stranger who sees one can't take its owner's room. */
function openNonces(): (uploader: Uploader) => void {
  const used = new Map<string, number>()
  return ({ account, nonce }) => {
    const key = `${account} ${nonce}`
    if (used.has(key)) throw new StoreError('not-admitted', 'this ticket was used before.')
    if (used.size >= MOST_NONCES) forgetOld(used)
    used.set(key, nowSeconds() + 2 * TICKET_SECONDS)
  }
}

function forgetOld(used: Map<string, number>): void {
  const now = nowSeconds()
  for (const [key, until] of used) if (until < now) used.delete(key)
}

function announcedBytes(request: FastifyRequest): number | undefined {
  const text = request.headers['content-length']
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function whenOver(reply: FastifyReply, work: readonly (() => void)[]): void {
  const run = () => {
    for (const one of work) one()
  }
  if (reply.raw.destroyed) run()
  else reply.raw.once('close', run)
}

/** The store's time, in unix seconds. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000)
}
