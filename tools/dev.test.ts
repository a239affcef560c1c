import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

  it('ends with 2 and the scripts when there is none of that name', () => {
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

  it("keeps an outer npm's variables out, except where to find packages", () => {
    const variables = {
      npm_config_prefix: '/nowhere',
      npm_lifecycle_event: 'test',
      npm_config_cafile: '/some/ca.pem',
    }
    const names = 'Object.keys(process.env).filter((name) => name.startsWith("npm_"))'
    const kept: string[] = JSON.parse(
      dev(['exec', 'node', '-p', `JSON.stringify(${names})`], variables).stdout,
    )
    expect(kept).to.include('npm_config_cafile')
    expect(kept).to.not.include.members(['npm_config_prefix'])
    expect(kept).to.not.include.members(['npm_lifecycle_event'])
  })

  describe('when a signal comes', () => {
    /** Says its process id, then counts signals until it has heard one for a while. */
    const listener = `
      let heard = 0
      for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => {
        heard++
        setTimeout(() => { process.stdout.write(name + ' ' + heard + '\\n'); process.exit(75) }, 300)
      })
      setTimeout(() => process.exit(1), 300_000)
      console.log('listening', process.pid)`

    /** Waits until a program says something of this form. */
    async function saying(program: ChildProcess, form: RegExp): Promise<RegExpExecArray> {
      let said = ''
      for await (const part of program.stdout!.iterator({ destroyOnReturn: false })) {
        said += part
        const found = form.exec(said)
        if (found !== null) return found
      }
      throw new Error(`it ended without ${form}: ${said}`)
    }

    it("ends the command that npm's script runs, and npm ends with its code", async () => {
      const npm = spawn('npm', ['run', '--silent', 'exec', '--', 'node', '-e', listener], {
        cwd: join(import.meta.dirname, '..'),
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(npm, 'exit')
      const [, pid] = await saying(npm, /listening (\d+)/)
      npm.kill('SIGTERM')
      await saying(npm, /SIGTERM 1/)
      expect(await ended).to.deep.equal([75, null])
      expect(() => process.kill(Number(pid), 0)).to.throw('ESRCH')
    })

    it('has scripts in package.json that no shell stands before, each of words that both split alike', () => {
      const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
      for (const text of Object.values(scripts)) {
        expect(text).to.match(/^exec node tools\/dev\.mjs (exec|run( --compiled)?( [\w./-]+)+)$/)
      }
    })
  })

  it('runs a script of package.json by its name, in the root, with the arguments that follow', () => {
    const { status, stdout } = dev(['bench:gas', '--help'])
    expect(status).to.equal(0)
    expect(stdout).to.include('npm run bench:gas')
  })

  it('says which script is missing in this checkout', () => {
    const { status, stderr } = dev(['run', 'node', 'tools/nothing.ts'])
    expect(status).to.equal(1)
    expect(stderr).to.equal("tools/nothing.ts doesn't exist in this checkout")
  })
})
