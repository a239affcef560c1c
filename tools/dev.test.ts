import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

const script = join(import.meta.dirname, 'dev.mjs')

function dev(args: string[], variables: Record<string, string> = {}, cwd = tmpdir()) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  })
  return { status, stdout: stdout.trim(), stderr: stderr.trim() }
}

describe('tools/dev.mjs', () => {
  it("answers with the command's exit code", () => {
    expect(dev(['exec', 'node', '-e', 'process.exit(75)']).status).to.equal(75)
  })

  it('says that a command was killed, as a shell does', () => {
    expect(dev(['exec', 'node', '-e', 'process.kill(process.pid, "SIGKILL")']).status).to.equal(137)
  })

  it('ends with 127 and a sentence when there is no such command', () => {
    const { status, stderr } = dev(['exec', 'no-such-command'])
    expect(status).to.equal(127)
    expect(stderr).to.equal('no-such-command: no such command')
  })

  it('ends with 2 and the targets when the target is unknown', () => {
    const { status, stderr } = dev(['nonsense'])
    expect(status).to.equal(2)
    expect(stderr).to.include('test, chain, deploy')
  })

  it('passes arguments on as they are', () => {
    const print = 'console.log(JSON.stringify(process.argv.slice(1)))'
    expect(JSON.parse(dev(['exec', 'node', '-e', print, '--', 'a b', '--json', '*']).stdout)).to.deep.equal([
      'a b',
      '--json',
      '*',
    ])
  })

  it('runs exec in the folder it was called from', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-dev-'))
    expect(dev(['exec', 'node', '-p', 'process.cwd()'], {}, folder).stdout).to.match(/assay-dev-/)
    rmSync(folder, { recursive: true })
  })

  it("keeps an outer npm's settings out, save where to find packages", () => {
    const settings = {
      npm_config_prefix: '/nowhere',
      npm_lifecycle_event: 'test',
      npm_config_cafile: '/some/ca.pem',
    }
    const names = 'Object.keys(process.env).filter((name) => name.startsWith("npm_"))'
    const kept: string[] = JSON.parse(
      dev(['exec', 'node', '-p', `JSON.stringify(${names})`], settings).stdout,
    )
    expect(kept).to.include('npm_config_cafile')
    expect(kept).to.not.include.members(['npm_config_prefix'])
    expect(kept).to.not.include.members(['npm_lifecycle_event'])
  })
})
