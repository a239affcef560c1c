import { expect } from 'chai'
import { readProcesses } from './process-lines.ts'

const PS = `
    1     0   9876 00:01:00 /sbin/init
  100    50 250880 00:00:12 /usr/bin/node /app/scripts/demo/participant.ts validator-01
  101    50 180000 1-01:00:02 /usr/bin/node --no-warnings /app/scripts/demo/participant.ts contributor-10
  102    50  60000 0:03.55 /app/node_modules/.bin/anvil --port 1
  103    50  70000 00:00:01 /usr/bin/node /app/cli/assay.ts store --dir /tmp/blobs
  104    50   4000 00:00:00 ps -A
  105    51 999999 00:00:12 /usr/bin/node /other/scripts/demo/participant.ts validator-01
`

describe('the memory benchmark', () => {
  it("reads one demo's processes", () => {
    expect(readProcesses(PS, 50)).to.deep.equal([
      { name: 'validator-01', residentKb: 250_880, processorSeconds: 12 },
      { name: 'contributor-10', residentKb: 180_000, processorSeconds: 90_002 },
      { name: 'anvil', residentKb: 60_000, processorSeconds: 3.55 },
      { name: 'store', residentKb: 70_000, processorSeconds: 1 },
    ])
  })
})
