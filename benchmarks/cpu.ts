/**
 * Do other processors compute the same bits? Runs engine/fixtures/determinism-work.ts under emulated CPUs, older ones and arm64, each
 * with the oldest Node that is supported and a newer one, and compares every hash with engine/fixtures/determinism-golden.json.
 *
 *     npm run test:cpu [-- --large VALUES]
 *
 * With `--large` a state of so many values is trained here for two windows, and the others train them again from their evidence
 * instead: minutes and about 3 GiB each for 33,554,432 values.
 *
 * Needs qemu's user-mode emulators; for arm64 also its C libraries (Debian: qemu-user libc6-arm64-cross
 * libstdc++6-arm64-cross). Machines that need something missing are skipped, with a message. Ends with exit code 1 when a bit differs.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { arch, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fetchNode } from '../tools/fetch-node.ts'
import { readOptions } from './options.ts'

type Machine = {
  name: string
  /** The emulator and its arguments; none for the machine itself. */
  emulator: string[]
  /** As tools/fetch-node.ts has it; none for this machine's own. */
  platform?: string
  /** A file that must exist, and the packages that have it. */
  needs?: { path: string; from: string }
}

const run = promisify(execFile)
const NODES = ['22.18.0', '24.21.0']
const ARM_LIBRARIES = '/usr/aarch64-linux-gnu'
const work = fileURLToPath(new URL('../engine/fixtures/determinism-work.ts', import.meta.url))
const golden = new URL('../engine/fixtures/determinism-golden.json', import.meta.url)
const largeState = fileURLToPath(new URL('./large-state.ts', import.meta.url))
const largeReplay = fileURLToPath(new URL('./large/replay.ts', import.meta.url))
const MOST_MINUTES = 60

const intel = (model: string, what: string): Machine => ({
  name: `${model} (${what})`,
  emulator: ['qemu-x86_64', '-cpu', model],
  platform: 'linux-x64',
})
const MACHINES: Machine[] = [
  { name: `this machine (${cpus()[0]?.model ?? 'unknown'}, ${arch()})`, emulator: [] },
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

const { large } = readOptions('npm run test:cpu [-- --large VALUES]', { large: { type: 'string' } })
let [same, differing, skipped] = [0, 0, 0]
if (large === undefined) {
  const expected = JSON.parse(await readFile(golden, 'utf8')) as Record<string, string>
  await onAll(NODES, (program) => differences(program, expected))
} else {
  const folder = await mkdtemp(join(tmpdir(), 'assay-large-'))
  try {
    await run(process.execPath, [largeState, '--values', large, '--keep', folder])
    await onAll(NODES.slice(-1), (program) => replays(program, folder))
  } finally {
    await rm(folder, { recursive: true })
  }
}
console.log(`${same} same, ${differing} different, ${skipped} skipped`)
process.exitCode = differing === 0 ? 0 : 1

type Found = { isSame: boolean; what: string }

async function onAll(
  versions: readonly string[],
  look: (program: readonly string[]) => Promise<Found>,
): Promise<void> {
  for (const machine of MACHINES) {
    const missing = await missingFor(machine)
    if (missing !== undefined) {
      skipped++
      console.log(`SKIPPED  ${machine.name}: ${missing}`)
      continue
    }
    for (const version of versions) {
      const started = performance.now()
      const node = await fetchNode(version, machine.platform)
      const { isSame, what } = await look([...machine.emulator, node, '--no-warnings'])
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      if (isSame) same++
      else differing++
      console.log(
        `${isSame ? 'same   ' : 'DIFFERS'}  ${machine.name}, Node ${version}: ${what}, ${seconds} s`,
      )
    }
  }
}

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

async function differences(program: readonly string[], expected: Record<string, string>): Promise<Found> {
  const found = JSON.parse(await output(program, work)) as Record<string, string>
  const wrong = Object.keys(expected).filter((name) => found[name] !== expected[name])
  const isSame = wrong.length === 0
  return { isSame, what: isSame ? `all ${Object.keys(expected).length} hashes` : wrong.join(', ') }
}

/** Windows trained again that were trained here. */
async function replays(program: readonly string[], folder: string): Promise<Found> {
  const lines = (await output(program, largeReplay, folder)).trim().split('\n')
  const windows = lines.filter((line) => line.startsWith('window '))
  return { isSame: windows.every((line) => line.endsWith('the same bits')), what: lines.join('; ') }
}

async function output([program, ...args]: readonly string[], ...work: string[]): Promise<string> {
  const { stdout } = await run(program!, [...args, ...work], { timeout: MOST_MINUTES * 60_000 })
  return stdout
}
