import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FatalDaemonError } from '@assay/daemon/errors.ts'
import { AssayError } from '@assay/sdk/client/errors.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { CommanderError } from 'commander'
import { describeError, usageError } from './answer.ts'

describe('what is told of an error', () => {
  const refused = (name: string) =>
    new AssayError({ name, values: {}, message: 'No.', fix: 'Wait.', kind: 'refused' })

  it('has exit code 75 if waiting is enough, and 1 if it is not', () => {
    expect(describeError(refused('Rounds_NotFinal')).exitCode).to.equal(75)
    expect(describeError(refused('Rounds_NotReleasable')).exitCode).to.equal(75)
    expect(describeError(refused('StakeRegistry_StillUnbonding')).exitCode).to.equal(75)
    expect(describeError(refused('Tasks_Closed')).exitCode).to.equal(1)
    expect(describeError(new StoreError('unavailable', 'the store is away')).exitCode).to.equal(75)
    expect(describeError(new StoreError('bad-request', 'no address')).exitCode).to.equal(1)
  })

  it('is what our own packages say, as they say it', () => {
    const { message, fix } = describeError(
      new FatalDaemonError('The database is in use. Stop the other daemon.'),
    )

    expect([message, fix]).to.deep.equal(['The database is in use. Stop the other daemon.', undefined])
  })

  it('names the port or folder that the system refuses, its option, and what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-answer-'))
    const file = join(folder, 'file')
    await writeFile(file, '')
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo

    const late = createServer().listen(port, '127.0.0.1')
    const taken = await new Promise((refused) => late.once('error', refused))
    const notFolder = await mkdir(file, { recursive: true }).catch((error) => error)
    const args = ['oracle', '1', `--data-dir=${file}`, '--metrics-port', String(port)]

    expect(describeError(taken, args)).to.deep.include({
      message: `Port ${port} of 127.0.0.1 is in use.`,
      fix: 'Choose another with --metrics-port, or stop what listens there.',
      exitCode: 1,
    })
    expect(describeError(notFolder, args).message).to.include(`${file} can't be used: EEXIST`)
    expect(describeError(notFolder, args).fix).to.include('Check --data-dir.')
    expect(describeError(notFolder, ['oracle', '--data-dir', folder]).fix).to.include('Check --data-dir.')
    expect(describeError(notFolder, []).fix).to.not.include('--')
    server.close()
    await rm(folder, { recursive: true })
  })

  it('is a sentence of what commander refuses, with where to look', () => {
    const telling = (code: string, message: string) =>
      describeError(usageError(new CommanderError(1, code, message)))
    expect(
      telling('commander.unknownOption', "error: unknown option '--jsn'\n(Did you mean --json?)"),
    ).to.deep.equal({
      name: 'usage',
      message: "Unknown option '--jsn' (Did you mean --json?)",
      fix: 'Add --help to see how it is used.',
      values: {},
      exitCode: 2,
    })
    expect(
      telling('commander.missingArgument', "error: missing required argument 'amount'").message,
    ).to.equal("Missing required argument 'amount'.")
    expect(telling('commander.help', '(outputHelp)').message).to.equal('A verb is missing.')
  })

  it('asks to report unexpected errors only', () => {
    expect(describeError(new RangeError('odd')).fix).to.include('report it')
  })
})
