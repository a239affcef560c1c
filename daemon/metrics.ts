import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Block } from './clock.ts'

export type MetricsPage = {
  url: string
  /** Notes that everything due at a block is done. */
  finished(block: Pick<Block, 'number' | 'timestamp'>): void
  /** Notes how many attempts in a row have failed. */
  attempted(failures: number): void
  close(): Promise<void>
}

/** What the page tells. It changes only by `finished` and `attempted`. */
type Standing = {
  head: { number: number; timestamp: number } | undefined
  failures: number
  /** Unix seconds. */
  startedAt: number
}

/**
 * Serves Prometheus metrics on 127.0.0.1. Their names state the unit. Every value is computed when it is asked for, so
 * that it is true while the daemon hangs, too.
 *
 * @param options.port 0 for any free one
 * @param options.now unix seconds; the machine's clock by default
 */
export async function startMetrics(options: {
  port: number
  role: string
  pendingCount: () => number
  /** Open cases at the court that concern the daemon. */
  openCases: () => number
  now?: () => number
}): Promise<MetricsPage> {
  const now = options.now ?? (() => Date.now() / 1_000)
  const registry = new Registry()
  registry.setDefaultLabels({ role: options.role })
  collectDefaultMetrics({ register: registry })
  const standing: Standing = { head: undefined, failures: 0, startedAt: now() }
  addGauges(registry, { ...options, standing, now })
  const blocks = new Counter({
    name: 'assay_blocks_total',
    help: 'Blocks that are done',
    registers: [registry],
  })
  const server = await serve(registry, options.port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    finished({ number, timestamp }) {
      standing.head = { number: Number(number), timestamp: Number(timestamp) }
      blocks.inc()
    },
    attempted(failures) {
      standing.failures = failures
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // A connection that asks nothing would hold up the daemon's end.
      server.closeAllConnections()
      return closed
    },
  }
}

function addGauges(
  registry: Registry,
  {
    standing,
    now,
    pendingCount,
    openCases,
  }: { standing: Standing; now: () => number; pendingCount: () => number; openCases: () => number },
): void {
  const add = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value())
      },
    })
  add('assay_pending_transactions', 'Transactions signed and not yet seen in a block', pendingCount)
  add('assay_open_cases', 'Cases that are open against this account, or that it has opened', openCases)
  add('assay_head_block', 'Newest block that is done; NaN before the first', () => {
    return standing.head?.number ?? Number.NaN
  })
  add(
    'assay_head_age_seconds',
    'Seconds since the newest block that is done; before the first, since the start',
    () => Math.max(0, now() - (standing.head?.timestamp ?? standing.startedAt)),
  )
  add('assay_failed_attempts', 'Attempts in a row that finished no block; 0 while all is well', () => {
    return standing.failures
  })
}

async function serve(registry: Registry, port: number): Promise<Server> {
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', registry.contentType)
    response.end(await registry.metrics())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}
