import { connect } from 'node:net'
import { expect } from 'chai'
import { type MetricsPage, startMetrics } from './metrics.ts'

describe('the metrics of a daemon', () => {
  let seconds: number
  let pending: number
  let cases: number
  let page: MetricsPage

  beforeEach(async () => {
    seconds = 1_000
    pending = 0
    cases = 0
    const counts = { pendingCount: () => pending, openCases: () => cases }
    page = await startMetrics({ port: 0, role: 'oracle', ...counts, now: () => seconds })
  })
  afterEach(() => page.close())

  async function told(): Promise<Record<string, string>> {
    const text = await (await fetch(page.url)).text()
    const lines = [...text.matchAll(/^assay_(\w+)\{role="oracle"\} (\S+)$/gm)]
    return Object.fromEntries(lines.map(([, name, value]) => [name!, value!]))
  }

  it('state their unit, and tell what is at the time of the question', async () => {
    page.finished({ number: 7n, timestamp: 990n })
    page.attempted(0)
    expect(await told()).to.deep.equal({
      pending_transactions: '0',
      open_cases: '0',
      head_block: '7',
      head_age_seconds: '10',
      failed_attempts: '0',
      blocks_total: '1',
    })
  })

  it('tell the truth while the daemon hangs in a block', async () => {
    page.finished({ number: 7n, timestamp: 990n })
    seconds += 600
    pending = 3
    cases = 2
    page.attempted(12)
    expect(await told()).to.include({
      head_age_seconds: '610',
      pending_transactions: '3',
      open_cases: '2',
      failed_attempts: '12',
      head_block: '7',
    })
  })

  it('end with the daemon, whoever is connected', async () => {
    const socket = connect(Number(new URL(page.url).port), '127.0.0.1')
    socket.write('GET /metrics HTTP/1.1\r\n')
    // The server takes connections in order: it has this one, too.
    await told()
    await page.close()
  })

  it('tell of a daemon that never got to its first block', async () => {
    seconds += 90
    expect(await told()).to.include({ head_age_seconds: '90', head_block: 'Nan', blocks_total: '0' })
  })
})
