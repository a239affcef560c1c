import { spawnSync } from 'node:child_process'

/** Formats TypeScript and Solidity, and mends what the linter can mend. Both run, even if the first fails. */
const COMMANDS = [
  ['biome', 'check', '--write', '.'],
  [
    'prettier',
    '--write',
    '--log-level',
    'warn',
    '--no-error-on-unmatched-pattern',
    '{contracts,test}/**/*.sol',
  ],
] as const

for (const [command, ...args] of COMMANDS) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  process.exitCode ||= status ?? 1
}
