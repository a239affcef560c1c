import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Installs the Python package into an environment of its own, looks for faults with ruff, and runs the tests.
 *
 *   npm run test:python                       in python/.venv, made if it isn't there
 *   npm run test:python -- -k attention       what follows goes to pytest
 *
 * PyTorch is large: the first run downloads gigabytes where its packages bring a graphics card's libraries. `ASSAY_PYTHON`
 * names the Python to make the environment with, `ASSAY_PYTHON_ENV` an environment to use instead, whose packages are kept
 * where they fit.
 */
const OLDEST = [3, 10]
const root = join(import.meta.dirname, '..')
const project = join(root, 'python')
const environment = process.env.ASSAY_PYTHON_ENV ?? join(project, '.venv')
const programs = join(environment, process.platform === 'win32' ? 'Scripts' : 'bin')
const python = join(programs, 'python')

process.exitCode = main()

function main(): number {
  const found = existsSync(programs) ? 0 : makeEnvironment()
  if (found !== 0) return found
  const installed = run(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    `${project}[test]`,
  ])
  if (installed !== 0) return stop('pip could not install python/ and what it needs; its message is above')
  const linted =
    run(join(programs, 'ruff'), ['check', '.']) + run(join(programs, 'ruff'), ['format', '--check', '.'])
  if (linted !== 0)
    return stop('ruff finds faults: `ruff check --fix . && ruff format .` in python/ mends most')
  return run(join(programs, 'pytest'), ['-q', ...process.argv.slice(2)])
}

function makeEnvironment(): number {
  const base = process.env.ASSAY_PYTHON ?? 'python3'
  const version = ['-c', 'import sys; print(*sys.version_info[:2])']
  const { status, stdout } = spawnSync(base, version, { encoding: 'utf8' })
  if (status !== 0)
    return stop(
      `${base} is not here: install Python ${OLDEST.join('.')} or newer, or name one in ASSAY_PYTHON`,
    )
  const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number)
  if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!))
    return stop(
      `${base} is Python ${major}.${minor}, the package needs ${OLDEST.join('.')}: name a newer one in ASSAY_PYTHON`,
    )
  const made = run(base, ['-m', 'venv', environment])
  return made === 0 ? 0 : stop(`${base} could not make ${environment}; install its module venv`)
}

function run(command: string, args: string[]): number {
  return spawnSync(command, args, { cwd: project, stdio: 'inherit' }).status ?? 1
}

function stop(message: string): number {
  console.error(message)
  return 1
}
