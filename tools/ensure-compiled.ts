import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Compiles the contracts when a source is newer than what was generated from it last, or nothing was. Says what it does on
 * stderr: stdout belongs to the command that runs next.
 */
const root = join(import.meta.dirname, '..')
const sources = globSync('contracts/**/*.sol', { cwd: root })
const generated = join(root, 'sdk/generated/IRounds.ts')
const artifact = join(root, 'artifacts/contracts/Rounds.sol/Rounds.json')

const modified = (file: string) => statSync(file).mtimeMs
const isStale =
  !existsSync(generated) ||
  !existsSync(artifact) ||
  Math.max(...sources.map((file) => modified(join(root, file)))) > newestOutput()

if (isStale) {
  console.error('compiling the contracts')
  const { status } = spawnSync(process.execPath, [join(root, 'tools/compile.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  process.exitCode = status ?? 1
}

/** When compiling last wrote something: unchanged outputs keep their old time. */
function newestOutput(): number {
  const outputs = globSync(['sdk/generated/*.ts', 'artifacts/contracts/**/*.json', 'cache/*'], { cwd: root })
  return Math.max(...outputs.map((file) => modified(join(root, file))))
}
