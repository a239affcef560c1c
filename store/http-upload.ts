import type { LocalAccount } from 'viem'
import { bytesToHex } from 'viem/utils'
import { z } from 'zod4'
import type { BlobSource, Pieces } from './blob-source.ts'
import {
  type Attempt,
  attempts,
  type Client,
  readUpTo,
  refusalOf,
  request,
  requireAnswer,
  strangeAnswer,
} from './http-client.ts'
import type { Watch } from './pace.ts'
import { decodeReceipt, type Receipt } from './receipt.ts'
import type { Address } from './records.ts'
import { signTicket, TICKET_HEADER } from './upload-ticket.ts'

/** Who uploads, and what becomes of the receipts. */
export type UploadOptions = {
  /** The account that signs uploads; unsigned ones are for a store of one's own. */
  account?: LocalAccount | undefined
  /** The task that the uploads are for. */
  taskId?: bigint | undefined
  /** Told of each receipt that the store signed. */
  onReceipt?: ((receipt: Receipt) => void) | undefined
}

/** Uploads to one store. */
export type Uploads = {
  /** @throws StoreError, 'unavailable' unless the store confirms with a receipt */
  send(path: string, content: Omit<BlobSource, 'hash'> & { type: string }): Promise<void>
}

/** What a store says of itself. */
type Identity = { store: Address; secondsAhead: number; askedAt: number }

/** Size of the pieces in which a blob is sent. Each piece shows that the transfer moves. */
const UPLOAD_PIECE_BYTES = 65_536
/** Bytes that the system may buffer before the network has them: Linux's largest send buffer by default. */
const SEND_BUFFER_BYTES = 4_194_304
const MAX_ANSWER_BYTES = 4_096
/** Milliseconds for which a store's word on its account and time counts. */
const IDENTITY_FRESH_MS = 60_000

const healthSchema = z.object({
  store: z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)),
  seconds: z.int().min(1),
})

export function openUploads(client: Client, options: UploadOptions): Uploads {
  let identity: Identity | undefined

  const ticketFor = async (attempt: Attempt, path: string, sizeBytes: number) => {
    const { account, taskId = 0n } = options
    if (account === undefined) return {}
    if (identity === undefined || performance.now() > identity.askedAt + IDENTITY_FRESH_MS)
      identity = await askIdentity(attempt)
    const { store, secondsAhead } = identity
    const seconds = Math.floor(Date.now() / 1_000) + secondsAhead
    const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(16))).slice(2)
    const ticket = await signTicket({ store, path, sizeBytes, taskId, seconds, nonce }, account)
    return { [TICKET_HEADER]: ticket }
  }
  return {
    send: (path, { sizeBytes, pieces, type }) =>
      attempts(client, { maxBytes: sizeBytes }, async (attempt) => {
        const response = await request(attempt, path, {
          method: 'PUT',
          body: bodyOf(pieces(), attempt.watch),
          duplex: 'half',
          headers: {
            'content-type': type,
            'content-length': `${sizeBytes}`,
            ...(await ticketFor(attempt, path, sizeBytes)),
          },
        })
        if (!response.ok) throw await refusalOf(attempt, response)
        options.onReceipt?.(await receiptOf(attempt, response, { path, sizeBytes }))
      }),
  }
}

/** The receipt in an answer. Whatever answers without one is no store, or did not keep anything. */
async function receiptOf(
  attempt: Attempt,
  response: Response,
  expected: Pick<Receipt, 'path' | 'sizeBytes'>,
): Promise<Receipt> {
  const { bytes } = await readUpTo(attempt, response, MAX_ANSWER_BYTES)
  return decodeReceipt(bytes, expected).catch(({ message }: Error) => {
    throw strangeAnswer(response, `no valid receipt (${message})`)
  })
}

async function askIdentity(attempt: Attempt): Promise<Identity> {
  const response = await request(attempt, 'health', {})
  await requireAnswer(attempt, response, 'application/json')
  const { bytes } = await readUpTo(attempt, response, MAX_ANSWER_BYTES)
  try {
    const { store, seconds } = healthSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    return { store, secondsAhead: seconds - Math.floor(Date.now() / 1_000), askedAt: performance.now() }
  } catch {
    throw strangeAnswer(response, 'no word on its account and time')
  }
}

/** An upload's body. It is asked for the next piece when the last one is sent, which shows that the upload moves. */
function bodyOf(pieces: Pieces, watch: Watch): ReadableStream<Uint8Array> {
  const small = inSmall(pieces)
  let sent = 0
  return new ReadableStream(
    {
      pull: async (controller) => {
        watch.moved(Math.min(sent, SEND_BUFFER_BYTES))
        const { done, value } = await small.next()
        if (done) return controller.close()
        controller.enqueue(value)
        sent += value.length
      },
      cancel: async () => void (await small.return(undefined)),
    },
    { highWaterMark: 0 },
  )
}

async function* inSmall(pieces: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += UPLOAD_PIECE_BYTES)
      yield piece.subarray(at, at + UPLOAD_PIECE_BYTES)
}
