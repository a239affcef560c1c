/**
 * Do other processors compute the same bits? Runs engine/fixtures/determinism-work.ts under emulated CPUs, older ones and arm64, and
 * compares every hash with engine/fixtures/determinism-golden.json.
 *
 *     npm run test:cpu
 *
 * Needs qemu's user-mode emulators; for arm64 also its C libraries (Debian: qemu-user libc6-arm64-cross
 * libstdc++6-arm64-cross). Machines that need something missing are skipped, with a message. Ends with exit code 1 when a hash differs.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fetchNode } from '../tools/fetch-node.ts'

type Machine = {
  name: string
  /** The emulator and its arguments; none for the machine itself. */
  emulator: string[]
  platform: string
  /** A file that must exist, and the packages that have it. */
  needs?: { path: string; from: string }
}

const run = promisify(execFile)
const NODE = '24.21.0'
const ARM_LIBRARIES = '/usr/aarch64-linux-gnu'
const work = fileURLToPath(new URL('../engine/fixtures/determinism-work.ts', import.meta.url))
const golden = new URL('../engine/fixtures/determinism-golden.json', import.meta.url)
const MOST_MINUTES = 20

const intel = (model: string, what: string): Machine => ({
  name: `${model} (${what})`,
  emulator: ['qemu-x86_64', '-cpu', model],
  platform: 'linux-x64',
})
const MACHINES: Machine[] = [
  { name: `this machine (${cpus()[0]?.model ?? 'unknown'}, ${arch()})`, emulator: [], platform: '' },
  intel('Nehalem', 'x86-64 of 2008, SSE4.2, no AVX'),
  intel('SandyBridge', 'AVX, no fused multiply–add'),
  intel('Haswell', 'AVX2 and fused multiply–add'),
  {
    name: 'arm64 (qemu max)',
    emulator: ['qemu-aarch64', '-L', ARM_LIBRARIES],
    platform: 'linux-arm64',
    needs: { path: `${ARM_LIBRARIES}/lib/libstdc++.so.6`, from: 'libc6-arm64-cross libstdc++6-arm64-cross' },
  },
]

const expected = JSON.parse(await readFile(golden, 'utf8')) as Record<string, string>
let differing = 0
let skipped = 0
for (const machine of MACHINES) {
  const missing = await missingFor(machine)
  if (missing !== undefined) {
    skipped++
    console.log(`SKIPPED  ${machine.name}: ${missing}`)
    continue
  }
  const started = performance.now()
  const wrong = await differences(machine)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (wrong.length > 0) differing++
  console.log(
    wrong.length === 0
      ? `same     ${machine.name}: all ${Object.keys(expected).length} hashes, ${seconds} s`
      : `DIFFERS  ${machine.name}: ${wrong.join(', ')}`,
  )
}
console.log(`${MACHINES.length - skipped - differing} same, ${differing} different, ${skipped} skipped`)
process.exitCode = differing === 0 ? 0 : 1

async function missingFor({ emulator, needs }: Machine): Promise<string | undefined> {
  const [program] = emulator
  if (program !== undefined) {
    try {
      await run(program, ['--version'])
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code === 'ENOENT'
        ? `${program} is not installed (Debian: qemu-user)`
        : `${program} fails: ${code}`
    }
  }
  return needs !== undefined && !existsSync(needs.path)
    ? `${needs.path} is missing (Debian: ${needs.from})`
    : undefined
}

/** Names of the hashes that differ. */
async function differences({ emulator, platform }: Machine): Promise<string[]> {
  const node = platform === '' ? process.execPath : await fetchNode(NODE, platform)
  const [program, ...args] = [...emulator, node, '--no-warnings', work]
  const { stdout } = await run(program!, args, { timeout: MOST_MINUTES * 60_000 })
  const found = JSON.parse(stdout) as Record<string, string>
  return Object.keys(expected).filter((name) => found[name] !== expected[name])
}
