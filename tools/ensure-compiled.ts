import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateAbis } from './generate-abis.ts'

/**
 * Compiles the contracts when one of them changed since the last time. Prints one line on stderr, and more only when it fails:
 * stdout belongs to the command that runs next, warnings to `npm run compile`.
 */
const root = join(import.meta.dirname, '..')
const stamp = join(root, '.assay/compiled')
const outputs = ['artifacts/contracts/Rounds.sol/Rounds.json', 'sdk/generated/IRounds.ts'].map((file) =>
  join(root, file),
)

if (isStale()) {
  console.error('compiling the contracts')
  const hardhat = join(root, 'node_modules/hardhat/dist/src/cli.js')
  const build = spawnSync(process.execPath, [hardhat, 'build', '--no-tests', '--quiet'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (build.status === 0) {
    await generateAbis()
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, '')
  } else {
    console.error(`${build.stdout}${build.stderr}`)
    process.exitCode = 1
  }
}

function isStale(): boolean {
  if (![stamp, ...outputs].every((file) => existsSync(file))) return true
  const sources = globSync('contracts/**/*.sol', { cwd: root }).map((file) => join(root, file))
  return Math.max(...sources.map((file) => statSync(file).mtimeMs)) > statSync(stamp).mtimeMs
}
