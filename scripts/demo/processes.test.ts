import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createProcesses, type Processes } from './processes.ts'

describe('the demo: its processes', () => {
  let folder: string
  let processes: Processes

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-processes-'))
    processes = createProcesses(join(folder, 'logs'))
  })
  afterEach(async () => {
    await processes.stop()
    await rm(folder, { recursive: true })
  })

  async function program(source: string): Promise<string> {
    const file = join(folder, `program-${source.length}.mjs`)
    await writeFile(file, source)
    return file
  }

  const failureOf = () => processes.failure.catch((error: Error) => error.message)

  it('pass messages on, whatever numbers they hold', async () => {
    const echo = await program(
      `process.on('message', (m) => process.send({ type: 'echo', value: m.value + 1n }))`,
    )
    const { send } = processes.start('echo', echo)
    const answer = processes.message('echo', 'echo')
    send({ value: 2n ** 70n })
    expect((await answer).value).to.equal(2n ** 70n + 1n)
  })

  it('are named when they die, with the last that they said', async () => {
    const lines = 'for (let i = 1; i <= 40; i++) console.error("line " + i);'
    processes.start('validator-03', await program(`${lines} process.exit(7)`))
    const sentence = await failureOf()
    expect(sentence).to.match(/^validator-03 ended with code 7\. Its last log lines:/)
    expect(sentence).to.include('  line 40').and.include('  line 29').and.not.include('  line 28\n')
    expect(await readFile(join(folder, 'logs/validator-03.log'), 'utf8')).to.include('line 1\n')
  })

  it('are named when they are killed', async () => {
    processes.start('store', await program('process.kill(process.pid, "SIGKILL")'))
    expect(await failureOf()).to.match(/^store was ended by SIGKILL\./)
  })

  it('end when they are told to, and that is no failure', async () => {
    let failed = false
    processes.failure.catch(() => (failed = true))
    processes.start('idle', await program('setInterval(() => {}, 1000); process.send({ type: "ready" })'))
    await processes.message('idle', 'ready')
    await processes.stop()
    expect(failed).to.equal(false)
  })
})
