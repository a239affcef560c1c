import { isIP } from 'node:net'
import { StoreError } from '../blob-store.ts'
import type { Address } from '../records.ts'

/** How many transfers may run at once. */
export type RoomLimits = {
  /** All together. */
  total: number
  /** Of these, how many are kept for accounts that have a duty now. */
  keptForDuty: number
  perAccount: number
  /** Of an IPv6 address, all of its network. Programs on this machine share one address, to which this doesn't apply. */
  perAddress: number
}

/** Who wants to transfer something. */
export type Guest = { account: Address | undefined; address: string; hasDuty: boolean }

/** Room for transfers. */
export type Room = {
  /** Transfers that run now. */
  taken(): number
  /** @returns ends the transfer; further calls do nothing @throws StoreError 'unavailable' without room */
  take(guest: Guest): () => void
}

/** @param what the transfers are called in the error */
export function openRoom(limits: RoomLimits, what: 'uploads' | 'downloads'): Room {
  const byAccount = new Map<string, number>()
  const byAddress = new Map<string, number>()
  let taken = 0
  return {
    taken: () => taken,
    take: ({ account, address, hasDuty }) => {
      const room = hasDuty ? limits.total : limits.total - limits.keptForDuty
      const from = isThisMachine(address) ? undefined : networkOf(address)
      requireRoom(taken, room, `${what} here`)
      requireRoom(countOf(byAccount, account), limits.perAccount, `${what} of ${account}`)
      requireRoom(countOf(byAddress, from), limits.perAddress, `${what} from ${from}`)
      taken += 1
      add(byAccount, account, 1)
      add(byAddress, from, 1)
      let ended = false
      return () => {
        if (ended) return
        ended = true
        taken -= 1
        add(byAccount, account, -1)
        add(byAddress, from, -1)
      }
    },
  }
}

function requireRoom(running: number, limit: number, whose: string): void {
  if (running < limit) return
  throw new StoreError(
    'unavailable',
    `${running} ${whose} are running, and ${limit} may. Try again in a second.`,
  )
}

function countOf(counts: ReadonlyMap<string, number>, key: string | undefined): number {
  return (key !== undefined && counts.get(key)) || 0
}

function add(counts: Map<string, number>, key: string | undefined, by: 1 | -1): void {
  if (key === undefined) return
  const count = countOf(counts, key) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

/**
 * The network by which strangers are told apart: an IPv4 address, or the first half of an IPv6 one. Providers give each
 * customer all addresses of such a half.
 */
export function networkOf(address: string): string {
  const ip = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  if (isIP(ip) !== 6) return ip
  const [head = [], tail] = ip.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? [])].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Whether an address is this machine's own. */
export function isThisMachine(address: string): boolean {
  const ip = address.replace(/^::ffff:/, '')
  return ip === '::1' || (isIP(ip) === 4 && ip.startsWith('127.'))
}
