import { createServer } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Block } from './clock.ts'
import type { Outbox } from './outbox.ts'

/** Serves Prometheus metrics on 127.0.0.1. Names carry their unit. */
export async function startMetrics(options: { port: number; role: string; outbox: Outbox }) {
  const registry = new Registry()
  registry.setDefaultLabels({ role: options.role })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const head = new Gauge({
    name: 'assay_head_block',
    help: 'Newest block that was worked through',
    registers,
  })
  const lag = new Gauge({
    name: 'assay_head_age_seconds',
    help: 'Age of that block when it was done',
    registers,
  })
  const blocks = new Counter({ name: 'assay_blocks_total', help: 'Blocks worked through', registers })
  new Gauge({
    name: 'assay_pending_transactions',
    help: 'Transactions signed and not yet seen in a block',
    registers,
    collect() {
      this.set(options.outbox.pendingCount())
    },
  })

  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', registry.contentType)
    response.end(await registry.metrics())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    finished(block: Block): void {
      head.set(Number(block.number))
      lag.set(Math.max(0, Date.now() / 1_000 - Number(block.timestamp)))
      blocks.inc()
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
