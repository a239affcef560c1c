import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Block } from './clock.ts'
import type { Outbox } from './outbox.ts'

export type MetricsPage = {
  url: string
  /** Notes that everything due at a block is done. */
  finished(block: Block): void
  close(): Promise<void>
}

/** Serves Prometheus metrics on 127.0.0.1. Their names state the unit. @param options.port 0 for any free one */
export async function startMetrics(options: {
  port: number
  role: string
  outbox: Pick<Outbox, 'pendingCount'>
}): Promise<MetricsPage> {
  const registry = new Registry()
  registry.setDefaultLabels({ role: options.role })
  collectDefaultMetrics({ register: registry })
  const gauges = blockGauges(registry)
  new Gauge({
    name: 'assay_pending_transactions',
    help: 'Transactions signed and not yet seen in a block',
    registers: [registry],
    collect() {
      this.set(options.outbox.pendingCount())
    },
  })
  const server = await serve(registry, options.port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    finished(block) {
      gauges.head.set(Number(block.number))
      gauges.age.set(Math.max(0, Date.now() / 1_000 - Number(block.timestamp)))
      gauges.blocks.inc()
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function blockGauges(registry: Registry) {
  const registers = [registry]
  return {
    head: new Gauge({ name: 'assay_head_block', help: 'Newest block that is done', registers }),
    age: new Gauge({ name: 'assay_head_age_seconds', help: 'Age of that block when it was done', registers }),
    blocks: new Counter({ name: 'assay_blocks_total', help: 'Blocks that are done', registers }),
  }
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
