/**
 * How much memory and processor time do the daemons take? Runs the demo with honest people only and looks at each process
 * once a second.
 *
 *     npm run bench:memory [-- --rounds 3]
 *
 * Resident memory is what `ps` says: pages that processes share count in each of them, so the sum is more than a machine
 * needs.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ProcessLine, readProcesses } from './memory/process-lines.ts'
import { readOptions } from './options.ts'

type Most = { residentKb: number; processorSeconds: number }

const LOOK_EVERY_MS = 1_000
const DEMO = join(import.meta.dirname, '../scripts/demo.ts')

const { rounds } = readOptions('npm run bench:memory [-- --rounds 3]', {
  rounds: { type: 'string', default: '3' },
})
const folder = await mkdtemp(join(tmpdir(), 'assay-memory-'))
try {
  const most = await watchDemo(['--rounds', rounds, '--attackers', 'none', '--lazy-validators', '0'])
  const rows = [...most].map(([name, one]) => ({ name, kind: name.replace(/-\d+$/, ''), ...one }))
  for (const kind of new Set(rows.map((row) => row.kind))) {
    const same = rows.filter((row) => row.kind === kind)
    const largest = Math.max(...same.map(({ residentKb }) => residentKb))
    const sum = same.reduce((total, { residentKb }) => total + residentKb, 0)
    const seconds = Math.max(...same.map(({ processorSeconds }) => processorSeconds))
    console.log(
      `${kind.padEnd(12)} ${same.length} processes, at most ${mebibytes(largest)} MiB resident each, ${mebibytes(sum)} MiB together; at most ${seconds} s of processor time each`,
    )
  }
} finally {
  await rm(folder, { recursive: true })
}

/** Runs the demo to its end. @returns the most that each of its processes was seen with, by the process's name */
async function watchDemo(options: string[]): Promise<Map<string, Most>> {
  const demo = spawn(process.execPath, [DEMO, ...options, '--out', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve))
  const most = new Map<string, Most>()
  const timer = setInterval(async () => {
    for (const { name, residentKb, processorSeconds } of await childrenOf(demo.pid!)) {
      const before = most.get(name) ?? { residentKb: 0, processorSeconds: 0 }
      most.set(name, {
        residentKb: Math.max(before.residentKb, residentKb),
        processorSeconds: Math.max(before.processorSeconds, processorSeconds),
      })
    }
  }, LOOK_EVERY_MS)
  const code = await ended
  clearInterval(timer)
  if (code !== 0) throw new Error(`The demo ended with code ${code}: see its output above.`)
  return most
}

async function childrenOf(pid: number): Promise<ProcessLine[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,time=,args='])
  return readProcesses(stdout, pid)
}

function mebibytes(kb: number): number {
  return Math.round(kb / 1024)
}
