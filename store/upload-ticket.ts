import type { LocalAccount } from 'viem'
import { StoreError } from './blob-store.ts'
import type { Address } from './records.ts'
import { requireSigner, type Signature, signatureSchema } from './signature.ts'

/** Header that carries a ticket. */
export const TICKET_HEADER = 'assay-upload'
/** Most seconds between a ticket's time and the store's clock. The store tells its time, so clocks need not agree. */
export const TICKET_SECONDS = 300

/** A request to upload, as its sender signs it. It is good for one store, one upload and a short time. */
export type UploadTicket = {
  /** The store's account, as `/health` tells it. */
  store: Address
  /** `blobs/<sha256>` or `records/<name>`. */
  path: string
  sizeBytes: number
  /** The task that it is for; 0 for none. */
  taskId: bigint
  /** Unix seconds, by the store's clock. */
  seconds: number
  /** 16 random bytes, so that no two tickets are the same. */
  nonce: string
}

const TICKET = /^(0|[1-9][0-9]{0,19}) ([1-9][0-9]{0,11}) ([0-9a-f]{32}) (0x[0-9a-f]{40}) (0x[0-9a-f]{130})$/

function ticketMessage({ store, path, sizeBytes, taskId, seconds, nonce }: UploadTicket): string {
  return `assay upload\n${store.toLowerCase()}\n${path}\n${sizeBytes}\n${taskId}\n${seconds}\n${nonce}`
}

/** The header's text of a signed ticket. */
export async function signTicket(ticket: UploadTicket, account: LocalAccount): Promise<string> {
  const { taskId, seconds, nonce } = ticket
  const signature = await account.signMessage({ message: ticketMessage(ticket) })
  return [taskId, seconds, nonce, account.address.toLowerCase(), signature].join(' ')
}

/** Who asks for an upload. */
export type Uploader = { account: Address; taskId: bigint; nonce: string }

/**
 * Checks a ticket from a header.
 *
 * @param expected the store, the upload that the request is for, and the store's time
 * @throws StoreError 'not-admitted' when it is malformed, for something else, out of date or signed by another account
 */
export async function checkTicket(
  header: string,
  expected: Pick<UploadTicket, 'store' | 'path' | 'sizeBytes' | 'seconds'>,
): Promise<Uploader> {
  const [, task, at, nonce, account, signature] = TICKET.exec(header) ?? []
  if (!signatureSchema.safeParse(signature).success)
    throw new StoreError('not-admitted', `the header ${TICKET_HEADER} holds no signed ticket.`)
  const ticket = { ...expected, taskId: BigInt(task!), seconds: Number(at), nonce: nonce! }
  const apart = Math.abs(ticket.seconds - expected.seconds)
  if (apart > TICKET_SECONDS)
    throw new StoreError(
      'not-admitted',
      `the ticket is of another time, ${apart} seconds from this store's; ${TICKET_SECONDS} are allowed.`,
    )
  const signer = account as Address
  await requireSigner(
    { message: ticketMessage(ticket), signature: signature as Signature },
    { signer, what: 'the ticket' },
  ).catch(({ message }: Error) => {
    throw new StoreError('not-admitted', message)
  })
  return { account: signer, taskId: ticket.taskId, nonce: ticket.nonce }
}
