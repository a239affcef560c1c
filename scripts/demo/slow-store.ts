/** A store of the demo that drips or hangs, run as a process of its own: whoever waits for it loses a phase. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'

/** How long it keeps somebody waiting before it breaks off; the demo's rounds are played in lockstep and would wait longer. */
const HANG_MS = 2_000
/** Between two bytes of a drip. */
const DRIP_MS = 200
/** What it promises of a blob and never sends whole. */
const PROMISED_BYTES = 1_000_000

/**
 * A server that answers nothing of use: of the downloads every other one hangs without a word, and the rest begin well
 * and drip. Uploads hang.
 */
export function startSlowStore({ hangMs = HANG_MS, dripMs = DRIP_MS } = {}): Promise<Server> {
  let downloads = 0
  const answer: RequestListener = (request, response) => {
    setTimeout(() => request.socket.destroy(), hangMs).unref()
    if (request.method !== 'GET' || ++downloads % 2 === 0) return
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': PROMISED_BYTES })
    const drip = setInterval(() => response.write('x'), dripMs)
    response.once('close', () => clearInterval(drip))
  }
  const server = createServer(answer)
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.send?.({ type: 'listening', url: urlOf(await startSlowStore()) })
